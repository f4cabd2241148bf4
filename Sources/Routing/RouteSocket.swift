public import Netlink

/// A netlink socket of the routing family: links, addresses, routes and neighbours of one network namespace.
///
/// Requests are made as `NetlinkMessage` values by this module (`.createBridge(…)`, `.newAddress(…)`), so that several can go in one system call.
public struct RouteSocket: ~Copyable {
  package var socket: NetlinkSocket

  /// Opens a socket in the network namespace of the calling thread.
  public init() throws(NetlinkError) { socket = try NetlinkSocket(.route) }

  /// The descriptor, for poll(2).
  public var descriptor: Int32 { socket.descriptor }

  /// The number that the kernel gave the socket's network namespace, and gives no other one until it is restarted; nil before Linux 5.14.
  public func networkNamespaceCookie() throws(NetlinkError) -> UInt64? { try socket.networkNamespaceCookie() }

  /// Carries out requests, all in one system call; the first failure is thrown, later requests are carried out all the same.
  public mutating func perform(_ requests: NetlinkMessage...) throws(NetlinkError) {
    try socket.perform(requests)
  }

  /// Carries out requests, all in one system call; the first failure is thrown, later requests are carried out all the same.
  public mutating func perform(_ requests: [NetlinkMessage]) throws(NetlinkError) {
    if !requests.isEmpty { try socket.perform(requests) }
  }
}
