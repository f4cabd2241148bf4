import Addresses
import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink
import Routing

extension FirewallPlugin {
  /// What the rules know of the attachment for links; nil where containers are not kept apart, or nobody may link them.
  func links(_ result: CNIResult) -> Links? {
    guard configuration.allowsLinks else { return nil }
    return Links(addresses: result.addresses.map(\.address.address), ports: configuration.linkedPorts)
  }

  /// Has the container send through the host what it would send to its neighbours.
  ///
  /// Isolated ports of a bridge exchange no frames at all, so linked containers would look for each other in vain. The host forwards between them
  /// what the rules let pass, and nothing else.
  func routeThroughHost(_ request: PluginRequest, _ result: CNIResult) throws {
    let wanted = FirewallPlugin.routes(result)
    if wanted.isEmpty { return }
    var container = try ContainerNamespace(request.networkNamespace())
    guard let link = try container.routes.link(named: request.attachment.interfaceName) else { return }
    // The host that forwards a packet to where it came from says that there is a shorter way. With IPv6 connections would take it.
    try container.settings.setIPv6(link.name, "accept_redirects", "0")
    for route in wanted {
      do { try container.routes.perform(.newRoute(route.through(link))) } catch {
        // From an earlier ADD.
        guard error.code == .exists else { throw error }
      }
    }
  }

  /// Throws unless the container still sends through the host what is for its neighbours.
  func checkRoutes(_ request: PluginRequest, _ result: CNIResult) throws {
    let wanted = FirewallPlugin.routes(result)
    if wanted.isEmpty { return }
    var container = try request.networkNamespace().inside { try RouteSocket() }
    guard let link = try container.link(named: request.attachment.interfaceName) else { return }
    for family in Set(wanted.map(\.destination.family)) {
      let found = try container.routes(family, linkIndex: link.index)
      for route in wanted.filter({ $0.destination.family == family })
      where !found.contains(where: { $0.destination == route.destination && $0.gateway == route.gateway }) {
        throw CNIError(.other, "route \(route.destination) via \(route.gateway.map(\.description) ?? "") is missing in the container")
      }
    }
  }

  /// Both halves of each network by its gateway: more specific than the kernel's own route to the whole.
  static func routes(_ result: CNIResult) -> [Route] {
    result.addresses.flatMap { assigned -> [Route] in
      let network = assigned.address.network, length = network.prefixLength + 1
      guard let gateway = assigned.gateway, gateway.family == network.family, length < network.family.bitCount,
        let first = Subnet(network.address, prefixLength: length), let middle = first.lastAddress.advanced(by: 1),
        let second = Subnet(middle, prefixLength: length)
      else { return [] }
      return [first, second].map { Route(to: $0, gateway: gateway) }
    }
  }
}

extension Route {
  /// By a link on which the gateway counts as reachable, whatever other routes say.
  fileprivate func through(_ link: Link) -> Route {
    var route = self
    route.hops = [Hop(gateway: gateway, linkIndex: link.index, isOnLink: true)]
    return route
  }
}
