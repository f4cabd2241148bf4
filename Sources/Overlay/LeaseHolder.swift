/// Who holds a lease: a host, and which of its lives.
public struct LeaseHolder: Hashable, Sendable {
  /// The host: 32 hexadecimal digits, chosen at random when overlayd first ran there. Stays over restarts.
  public let node: String
  /// The life of the host's kernel in which the lease was taken: 32 hexadecimal digits, another at each boot. Two hosts made from one image have
  /// the same `node`, never the same `instance`.
  public let instance: String
  /// When this instance took the lease: milliseconds since 1970 UTC.
  public let since: Int64

  /// Joins the parts.
  public init(node: String, instance: String, since: Int64) {
    self.node = node
    self.instance = instance
    self.since = since
  }
}
