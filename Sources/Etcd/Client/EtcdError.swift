/// What went wrong between us and etcd, in one line.
public struct EtcdError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a caller can do about it.
  public enum Reason: Hashable, Sendable {
    /// Nobody answers there, or the connection has ended: another member may answer.
    case unreachable
    /// No answer came in time.
    case late
    /// This member knows no leader: it is in a minority, or the cluster elects one just now.
    case noLeader
    /// A certificate is not accepted, by us or by etcd.
    case certificate
    /// The user or the password is wrong, or etcd wants one.
    case login
    /// The token is not known any more; a new one is to be had with the password.
    case token
    /// The user may not do this.
    case permission
    /// The history asked for is not there any more: everything must be read again.
    case compacted
    /// The lease has ended.
    case noLease
    /// A file or a value of ours is not usable.
    case configuration
    /// Anything else.
    case other
  }

  /// What a caller can do about it.
  public let reason: Reason
  /// The member asked, or empty.
  public let endpoint: String
  /// In words, without a full stop.
  public let explanation: String

  /// Joins the three.
  public init(_ reason: Reason, endpoint: String, _ explanation: String) {
    self.reason = reason
    self.endpoint = endpoint
    self.explanation = explanation
  }

  /// `etcd https://10.0.0.1:2379: connection refused`
  public var description: String { endpoint.isEmpty ? "etcd: \(explanation)" : "etcd \(endpoint): \(explanation)" }
}
