/// A base chain of somebody else that will drop or refuse what is forwarded to or from containers, unless one of its rules accepts it.
///
/// What our table accepts, later chains can still drop. So it takes a rule there, which is the administrator's to write.
public struct ForwardObstacle: Hashable, Sendable, CustomStringConvertible {
  /// Why packets end there.
  public enum Reason: String, Hashable, Sendable {
    /// The chain's policy is drop.
    case policy = "policy drop"
    /// The chain's last rule drops or refuses everything.
    case lastRule = "its last rule drops or rejects everything"
  }

  /// The family as nft(8) writes it: `ip`, `ip6`, `inet`.
  public let family: String
  /// The table's name.
  public let table: String
  /// The chain's name.
  public let chain: String
  /// Why packets end there.
  public let reason: Reason

  /// `table ip filter, chain FORWARD: policy drop`
  public var description: String { "table \(family) \(table), chain \(chain): \(reason.rawValue)" }
}
