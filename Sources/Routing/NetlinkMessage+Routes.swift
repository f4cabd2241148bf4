import Addresses
import CLinux
public import Netlink

extension NetlinkMessage {
  /// Adds a route. One to the same destination with the same priority, by another interface, stays and goes first (IPv4) or shares the traffic
  /// (IPv6); fails with EEXIST if the very same route is there.
  public static func newRoute(_ route: Route) -> NetlinkMessage {
    request(RTM_NEWROUTE, [.create, .append], route, "add route \(route.destination)\(route.gateway.map { " via \($0)" } ?? "")")
  }

  /// Puts a route in the place of the one to the same destination with the same priority, or adds it.
  public static func replaceRoute(_ route: Route) -> NetlinkMessage {
    request(RTM_NEWROUTE, [.create, .replace], route, "set route \(route.destination)\(route.gateway.map { " via \($0)" } ?? "")")
  }

  /// Removes a route.
  public static func deleteRoute(_ route: Route) -> NetlinkMessage { request(RTM_DELROUTE, [], route, "remove route \(route.destination)") }

  private static func request(_ type: Int, _ flags: NetlinkFlags, _ route: Route, _ operation: String) -> NetlinkMessage {
    var message = NetlinkMessage(type, flags, operation: operation)
    let family = route.destination.family, isRemoval = type == RTM_DELROUTE
    let derived = route.gateway == nil && family == .v4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
    let anyScope = UInt8(RT_SCOPE_NOWHERE.rawValue)
    message.append(
      rtmsg(
        rtm_family: family.kernelNumber, rtm_dst_len: UInt8(route.destination.prefixLength), rtm_src_len: 0, rtm_tos: 0,
        rtm_table: route.table < 256 ? UInt8(route.table) : UInt8(RT_TABLE_UNSPEC.rawValue), rtm_protocol: isRemoval ? 0 : route.origin,
        rtm_scope: route.scope ?? (isRemoval ? anyScope : UInt8(derived.rawValue)), rtm_type: isRemoval ? 0 : route.type,
        rtm_flags: route.hops.count == 1 && route.hops[0].isOnLink ? UInt32(RTNH_F_ONLINK) : 0))
    if route.destination.prefixLength > 0 { message.attribute(RTA_DST.rawValue, bytes: route.destination.networkAddress.bytes) }
    if route.table >= 256 { message.attribute(RTA_TABLE.rawValue, route.table) }
    if let source = route.source { message.attribute(RTA_PREFSRC.rawValue, bytes: source.bytes) }
    if let priority = route.priority { message.attribute(RTA_PRIORITY.rawValue, priority) }
    if route.hops.count == 1 {
      if let gateway = route.hops[0].gateway { message.attribute(RTA_GATEWAY.rawValue, bytes: gateway.bytes) }
      if let index = route.hops[0].linkIndex { message.attribute(RTA_OIF.rawValue, index) }
    } else {
      message.container(RTA_MULTIPATH.rawValue) { message in for hop in route.hops { message.append(hop) } }
    }
    if route.mtu != nil || route.advertisedMSS != nil {
      message.container(RTA_METRICS.rawValue) {
        if let mtu = route.mtu { $0.attribute(RTAX_MTU, mtu) }
        if let size = route.advertisedMSS { $0.attribute(RTAX_ADVMSS, size) }
      }
    }
    return message
  }

  private mutating func append(_ hop: Route.Hop) {
    structure(
      rtnexthop(rtnh_len: 0, rtnh_flags: UInt8(hop.isOnLink ? RTNH_F_ONLINK : 0), rtnh_hops: 0, rtnh_ifindex: hop.linkIndex ?? 0)
    ) { message in
      if let gateway = hop.gateway { message.attribute(RTA_GATEWAY.rawValue, bytes: gateway.bytes) }
    }
  }
}
