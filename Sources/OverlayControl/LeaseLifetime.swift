/// How long leases last.
public struct LeaseLifetime: Hashable, Sendable {
  /// How many seconds after its last renewal a lease ends.
  public var seconds: Int64
  /// For how many seconds after that nobody else may take its network.
  public var quarantineSeconds: Int64

  /// Joins both; without arguments an hour, and ten minutes more.
  public init(seconds: Int64 = 3600, quarantineSeconds: Int64 = 600) {
    self.seconds = seconds
    self.quarantineSeconds = quarantineSeconds
  }
}
