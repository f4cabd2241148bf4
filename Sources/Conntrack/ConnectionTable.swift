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

  /// Removes all connections that any of the filters means, and no other one. None is no error.
  ///
  /// From Linux 6.11 the kernel does it in one request for each filter, which costs next to nothing while few connections are known. What it
  /// does not know how to do, and large numbers of filters, take one listing for each protocol, which visits every place of the kernel's
  /// table: 11 ms with its usual 262 144. A filter that asks for nothing but the family would empty the table: it is refused with EINVAL.
  public mutating func remove(_ filters: [ConnectionFilter]) throws(NetlinkError) {
    for filter in filters where filter.isEmpty {
      throw NetlinkError(.invalid, "remove \(filter)", explanation: "the filter names nothing")
    }
    for (kind, filters) in Dictionary(grouping: filters, by: { Kind(family: $0.family, transport: $0.transport) }) {
      let left = filters.count > ConnectionTable.manyFilters ? filters : try removeInKernel(filters)
      guard let first = left.first else { continue }
      // By port, so that thousands of filters need not all be compared.
      let byPort = Dictionary(grouping: left, by: \.original.destinationPort)
      let listing = left.count == 1 ? first : ConnectionFilter(kind.family, kind.transport)
      try remove(listing) { connection in
        [connection.original.destinationPort, nil].contains { port in byPort[port]?.contains { $0.matches(connection) } ?? false }
      }
    }
  }

  /// Lists the connections that the filter means, and removes those that `body` picks: for choices that no filter can express.
  public mutating func remove(_ filter: ConnectionFilter, where body: (Connection) -> Bool) throws(NetlinkError) {
    for connection in try connections(matching: filter) where body(connection) {
      do { try socket.perform(NetlinkMessage(removing: connection)) } catch {
        // Gone by itself in the meantime.
        if error.code != .noEntry { throw error }
      }
    }
  }

  /// What filters must have in common to be looked for in one listing.
  private struct Kind: Hashable {
    let family: IPAddress.Family
    let transport: TransportProtocol?
  }

  /// From here on, one listing costs less.
  private static let manyFilters = 64

  /// Has the kernel remove what the filters mean; answers those that it cannot do.
  private mutating func removeInKernel(_ filters: [ConnectionFilter]) throws(NetlinkError) -> [ConnectionFilter] {
    var left: [ConnectionFilter] = []
    for filter in filters {
      guard let message = NetlinkMessage(removing: filter) else {
        left.append(filter)
        continue
      }
      do { try socket.perform(message) } catch {
        guard error.isRefusal else { throw error }
        left.append(filter)
      }
    }
    return left
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
