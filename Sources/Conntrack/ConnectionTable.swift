import Addresses
import CLinux
import Glibc
import Linux
public import Netlink

/// The connection tracking table of one network namespace (conntrack(8)), over nfnetlink.
public struct ConnectionTable: ~Copyable {
  private var socket: NetlinkSocket

  /// Opens the table of the calling thread's network namespace.
  public init() throws(NetlinkError) { socket = try NetlinkSocket(.netfilter) }

  /// All connections that the filter means.
  public mutating func connections(matching filter: ConnectionFilter) throws(NetlinkError) -> [Connection] {
    let operation = "list \(filter)"
    do { return try dump(NetlinkMessage(listing: filter, inKernel: true, operation: operation), filter) } catch {
      // Linux before 5.8 ignores the filter; later ones may refuse a part of it. Then everything is read and sorted out here.
      guard error.isRefusal else { throw error }
    }
    return try dump(NetlinkMessage(listing: filter, inKernel: false, operation: operation), filter)
  }

  /// Removes all connections that the filter means, and no other one. None is no error.
  ///
  /// From Linux 6.11 the kernel does it in one request; where it does not know how, the connections are listed and removed one by one.
  /// A filter that asks for nothing but the family would empty the table: it is refused with EINVAL.
  public mutating func remove(_ filter: ConnectionFilter) throws(NetlinkError) {
    guard filter.transport != nil || !filter.original.isEmpty || !filter.reply.isEmpty else {
      throw NetlinkError(.invalid, "remove \(filter)", explanation: "the filter names nothing")
    }
    if let message = NetlinkMessage(removing: filter) {
      do { return try socket.perform(message) } catch { guard error.isRefusal else { throw error } }
    }
    try remove(filter) { _ in true }
  }

  /// Lists the connections that the filter means, and removes those that `body` picks. For choices that no filter can express, such as
  /// one port of thousands: the table is read once.
  public mutating func remove(_ filter: ConnectionFilter, where body: (Connection) -> Bool) throws(NetlinkError) {
    for connection in try connections(matching: filter) where body(connection) {
      do { try socket.perform(NetlinkMessage(removing: connection)) } catch {
        // Gone by itself in the meantime.
        if error.code != .noEntry { throw error }
      }
    }
  }

  private mutating func dump(_ message: NetlinkMessage, _ filter: ConnectionFilter) throws(NetlinkError) -> [Connection] {
    try socket.dump(message) { (_, payload) throws(NetlinkError) in
      guard let connection = Connection(payload), filter.matches(connection) else { return nil }
      return connection
    }
  }
}

extension NetlinkError {
  /// Whether the kernel does not know, or does not accept, such a request.
  fileprivate var isRefusal: Bool { code == .invalid || code == .notSupported }
}
