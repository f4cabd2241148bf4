public import Addresses
import CLinux
import Linux
public import Netlink

extension RouteSocket {
  /// The routes of one table, or of all tables, of one interface or all, and of one origin or all. Cached exceptions and clones are left out.
  public mutating func routes(
    _ family: IPAddress.Family, table: UInt32? = 254, linkIndex: Int32? = nil, origin: UInt8 = 0
  ) throws(NetlinkError) -> [Route] {
    var message = NetlinkMessage(RTM_GETROUTE, .dump, operation: "list routes")
    var header = rtmsg(family: family)
    header.rtm_protocol = origin
    message.append(header)
    if let table { message.attribute(RTA_TABLE.rawValue, table) }
    if let linkIndex { message.attribute(RTA_OIF.rawValue, linkIndex) }
    do {
      return try socket.dump(message) { (_, payload) throws(NetlinkError) in Route(payload: payload) }
    } catch {
      // A table that has never held a route does not exist.
      if error.code == .noEntry { return [] }
      throw error
    }
  }

  /// The route that a packet from this host to `destination` would take; nil if there is none.
  public mutating func route(to destination: IPAddress) throws(NetlinkError) -> Route? {
    var message = NetlinkMessage(RTM_GETROUTE, operation: "look up the route to \(destination)")
    message.append(rtmsg(family: destination.family, destinationLength: UInt8(destination.family.bitCount)))
    message.attribute(RTA_DST.rawValue, bytes: destination.bytes)
    do {
      return try socket.fetch(message) { (_, payload) throws(NetlinkError) in Route(payload: payload) }
    } catch {
      switch error.code {
      case .networkUnreachable, .noProcess, .noEntry, .hostUnreachable: return nil
      default: throw error
      }
    }
  }
}

extension rtmsg {
  init(family: IPAddress.Family, destinationLength: UInt8 = 0) {
    self.init(
      rtm_family: family.kernelNumber, rtm_dst_len: destinationLength, rtm_src_len: 0, rtm_tos: 0, rtm_table: 0, rtm_protocol: 0,
      rtm_scope: 0,
      rtm_type: 0, rtm_flags: 0)
  }
}

extension Route {
  /// Reads the payload of an RTM_NEWROUTE message; nil if it is none, or a cached clone (RTM_F_CLONED) of an IPv6 route.
  public init?(payload: RawSpan) {
    guard let header = payload.load(rtmsg.self), let family = IPAddress.Family(kernelNumber: header.rtm_family),
      let any = Subnet(IPAddress(family, 0), prefixLength: Int(header.rtm_dst_len))
    else { return nil }
    self.init(to: any)
    table = UInt32(header.rtm_table)
    scope = header.rtm_scope
    type = header.rtm_type
    origin = header.rtm_protocol
    hops[0].isOnLink = header.rtm_flags & UInt32(RTNH_F_ONLINK) != 0
    var paths: [Hop] = []
    payload.forEachAttribute(after: MemoryLayout<rtmsg>.size) { attribute, content in
      switch UInt32(attribute) {
      case RTA_DST.rawValue:
        if let address = IPAddress(bytes: content.array), let subnet = Subnet(address, prefixLength: any.prefixLength) {
          destination = subnet
        }
      case RTA_TABLE.rawValue: table = content.load() ?? table
      case RTA_PREFSRC.rawValue: source = IPAddress(bytes: content.array)
      case RTA_PRIORITY.rawValue: priority = content.load()
      case RTA_GATEWAY.rawValue: hops[0].gateway = IPAddress(bytes: content.array)
      case RTA_OIF.rawValue: hops[0].linkIndex = content.load()
      case RTA_MULTIPATH.rawValue: paths = Route.hops(content)
      case RTA_METRICS.rawValue:
        content.forEachAttribute { metric, content in
          if metric == RTAX_MTU { mtu = content.load() }
          if metric == RTAX_ADVMSS { advertisedMSS = content.load() }
        }
      default: break
      }
    }
    if !paths.isEmpty { hops = paths }
  }

  private static func hops(_ content: RawSpan) -> [Hop] {
    var hops: [Hop] = [], position = 0
    while let header = content.load(rtnexthop.self, at: position) {
      let length = Int(header.rtnh_len)
      guard length >= MemoryLayout<rtnexthop>.size, length <= content.byteCount - position else { break }
      var hop = Hop(linkIndex: header.rtnh_ifindex, isOnLink: Int32(header.rtnh_flags) & RTNH_F_ONLINK != 0)
      content.extracting(position..<(position + length)).forEachAttribute(after: MemoryLayout<rtnexthop>.size) { type, content in
        if UInt32(type) == RTA_GATEWAY.rawValue { hop.gateway = IPAddress(bytes: content.array) }
      }
      hops.append(hop)
      position += (length + 3) & ~3
    }
    return hops
  }
}
