public import Netlink

/// The connection tracking table of one network namespace (conntrack(8)), over nfnetlink.
public struct ConnectionTable: ~Copyable {
  private var socket: NetlinkSocket

  /// Opens the table of the calling thread's network namespace.
  public init() throws(NetlinkError) { socket = try NetlinkSocket(.netfilter) }

  /// The socket's descriptor, for a process that is to close it when this one has ended.
  public var descriptor: Int32 { socket.descriptor }

  /// All connections that the filter means.
  public mutating func connections(matching filter: ConnectionFilter) throws(NetlinkError) -> [Connection] {
    try socket.connections(matching: filter)
  }

  /// Removes all connections that any of the filters means, and no other one.
  public mutating func remove(_ filters: [ConnectionFilter]) throws(NetlinkError) { try socket.removeConnections(filters) }

  /// Lists the connections that the filter means, and removes those that `body` picks: for choices that no filter can express.
  public mutating func remove(_ filter: ConnectionFilter, where body: (Connection) -> Bool) throws(NetlinkError) {
    try socket.removeConnections(filter, where: body)
  }
}
