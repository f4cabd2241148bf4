public import Addresses
import CLinux
import Linux
public import Netlink

/// A packet for which the kernel is asked where it would go.
public struct RouteQuery: Hashable, Sendable {
  /// Where it goes.
  public var destination: IPAddress
  /// Where it comes from; needed for one that has arrived.
  public var source: IPAddress?
  /// The number of the link that it has arrived by; nil for one that the host itself sends.
  public var inputIndex: Int32?
  /// Its mark.
  public var mark: UInt32 = 0

  /// Describes a packet.
  public init(to destination: IPAddress, from source: IPAddress? = nil, inputIndex: Int32? = nil, mark: UInt32 = 0) {
    self.destination = destination
    self.source = source
    self.inputIndex = inputIndex
    self.mark = mark
  }
}

extension RouteSocket {
  /// The kernel's own answer for a packet, policy rules and all: RTM_GETROUTE. Throws what the kernel would do with the packet: ENETUNREACH
  /// without a route, EHOSTUNREACH, EACCES and EINVAL for routes that refuse, EXDEV for an arrival that rp_filter drops (EINVAL from Linux 6.14 on).
  public mutating func lookUp(_ query: RouteQuery) throws(NetlinkError) -> Route {
    let bits = UInt8(query.destination.family.bitCount)
    var message = NetlinkMessage(RTM_GETROUTE, operation: "look up the route to \(query.destination)")
    var header = rtmsg()
    header.rtm_family = query.destination.family.kernelNumber
    header.rtm_dst_len = bits
    header.rtm_src_len = query.source == nil ? 0 : bits
    // Which table it was is always said of IPv6, and asking for it is an error there.
    if query.destination.family == .v4 { header.rtm_flags = UInt32(RTM_F_LOOKUP_TABLE) }
    message.append(header)
    message.attribute(RTA_DST.rawValue, bytes: query.destination.bytes)
    if let source = query.source { message.attribute(RTA_SRC.rawValue, bytes: source.bytes) }
    if let index = query.inputIndex { message.attribute(RTA_IIF.rawValue, index) }
    if query.mark != 0 { message.attribute(RTA_MARK.rawValue, query.mark) }
    guard let route = try socket.fetch(message, { (_, payload) throws(NetlinkError) in Route(answer: payload) }) else {
      throw NetlinkError(.networkUnreachable, message.operation)
    }
    return route
  }
}

extension Route {
  /// An answer to a question may be a cached clone, unlike an entry of a table.
  fileprivate init?(answer payload: RawSpan) { self.init(payload: payload) }
}
