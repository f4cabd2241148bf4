import NFTables
public import Netlink

extension HostRules {
  /// Lends the netfilter socket for requests to other parts of netfilter, such as connection tracking. Another socket would be as slow to close
  /// as this one once elements have been deleted.
  public mutating func withSocket<Result>(_ body: (inout NetlinkSocket) throws -> Result) rethrows -> Result { try body(&ruleset.socket) }

  /// The number of the ruleset's present state, to see later whether anything has changed.
  public mutating func generation() throws -> UInt32 { try ruleset.generation() }
}
