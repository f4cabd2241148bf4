import NFTables
public import Netlink

extension HostRules {
  /// Throws unless the kernel has nftables and lets us use them (CAP_NET_ADMIN): with EOPNOTSUPP or EPERM.
  public mutating func checkAvailability() throws(NetlinkError) { _ = try ruleset.generation() }

  /// The socket's descriptor, for a process that is to close it when this one has ended: see `deferClosing`.
  public var descriptor: Int32 { ruleset.socket.descriptor }
}
