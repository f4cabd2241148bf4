import Addresses
public import CNI
import Linux
import Netlink
public import Routing

extension ContainerNamespace {
  /// Gives an interface the addresses and routes that a result assigns to it, and switches it on.
  ///
  /// `position` is the interface's place in the result. IPv6 addresses are usable when this returns: without duplicate address detection, or,
  /// if `detectsDuplicates`, after it; a duplicate is an error. Routes without a gateway go through the first gateway of their family.
  public mutating func configure(_ link: Link, as position: Int, of result: CNIResult, detectsDuplicates: Bool) throws {
    let addresses = try ContainerNamespace.addresses(for: position, of: result)
    let hasIPv6 = addresses.contains { $0.address.family == .v6 }
    if hasIPv6 {
      try settings.setIPv6("lo", "disable_ipv6", "0")
      try settings.setIPv6(link.name, "disable_ipv6", "0")
      if !detectsDuplicates { try settings.setIPv6(link.name, "accept_dad", "0") }
      // A link that goes down for a moment keeps its addresses, as with IPv4.
      try settings.setIPv6(link.name, "keep_addr_on_down", "1")
    }
    let assigned = addresses.map { NetlinkMessage.newAddress(InterfaceAddress($0.address, linkIndex: link.index)) }
    let up = NetlinkMessage.change(.index(link.index)) { $0.isUp = true }
    let routed = try result.installedRoutes(linkIndex: link.index).map { NetlinkMessage.newRoute($0) }
    if hasIPv6 && detectsDuplicates {
      try routes.perform(assigned + [up])
      try routes.waitForDuplicateDetection(on: link, in: namespace)
      return try routes.perform(routed)
    }
    try routes.perform(assigned + [up] + routed)
    if hasIPv6 { try routes.waitForDuplicateDetection(on: link, in: namespace) }
  }

  /// The addresses of a result that belong to the interface at `position`; those without an interface belong to none.
  private static func addresses(for position: Int, of result: CNIResult) throws(CNIError) -> [ResultAddress] {
    guard !result.interfaces.isEmpty else { throw CNIError(.other, "no interfaces to configure") }
    for address in result.addresses {
      guard let interface = address.interface else { continue }
      guard result.interfaces.indices.contains(interface) else {
        throw CNIError(.other, "failed to find interface \(interface) of address \(address.address) in the result")
      }
      guard interface == position else {
        throw CNIError(.other, "address \(address.address) belongs to interface \(interface), which is not the container's")
      }
    }
    return result.addresses.filter { $0.interface == position }
  }
}

extension CNIResult {
  /// The result's routes as they are installed on the container's interface; several next hops to one destination become one route.
  public func installedRoutes(linkIndex: Int32) throws(CNIError) -> [Route] {
    var installed: [Route] = []
    for route in routes {
      let family = route.destination.family
      let gateway = route.gateway ?? addresses.first { $0.address.family == family && $0.gateway != nil }?.gateway
      if let gateway, gateway.family != family {
        throw CNIError(.invalidConfiguration, "route \(route.destination): its gateway \(gateway) is of another family")
      }
      // A route that is confined to the link has no gateway, whatever the addresses say.
      let isLinkScope = route.gateway == nil && route.scope.map { $0 >= 253 } == true
      var new = Route(to: route.destination.network, gateway: isLinkScope ? nil : gateway, linkIndex: linkIndex)
      new.table = route.table.map { UInt32($0) } ?? new.table
      new.scope = route.scope.map { UInt8($0) }
      new.priority = route.priority.map { UInt32($0) }
      new.mtu = route.mtu.map { UInt32($0) }
      new.advertisedMSS = route.advertisedMSS.map { UInt32($0) }
      if let twin = installed.firstIndex(where: { $0.isSibling(of: new) }) {
        if !installed[twin].hops.contains(new.hops[0]) { installed[twin].hops += new.hops }
      } else {
        installed.append(new)
      }
    }
    return installed
  }
}

extension Route {
  /// Whether the two differ at most in their next hops.
  fileprivate func isSibling(of other: Route) -> Bool {
    var other = other
    other.hops = hops
    return self == other
  }
}
