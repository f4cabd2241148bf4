import Addresses
import HostRules
import Linux
import Routing

/// The way from 127.0.0.1 to a container: the kernel drops packets with such a source address at an interface unless its setting
/// `route_localnet` is 1 (`ip-sysctl.rst`). Set only where a published port needs it; a rule keeps other hosts from using it.
struct LocalEntrance {
  /// The container's address, if one of its ports is reached that way.
  private let container: IPAddress?

  /// Decides whether the publication needs it: a port of an IPv4 container on all addresses or 127.0.0.0/8, and the source address translated.
  init(_ publication: Publication) {
    let container = publication.containers.first { $0.family == .v4 }
    self.container = publication.needsLocalEntrance ? container?.address : nil
  }

  /// Lets such packets pass at the interface that leads to the container; it stays so, because other containers may need it.
  func open() throws {
    guard let interface = try interface() else { return }
    try SysctlFolder("ipv4/conf").ensure("\(interface)/route_localnet", "1")
  }

  /// What is wrong, in a sentence; nil if nothing is.
  func fault() throws -> String? {
    guard let interface = try interface(), try SysctlFolder("ipv4/conf").read("\(interface)/route_localnet") != "1" else { return nil }
    return "route_localnet of \(interface) is not 1"
  }

  /// The interface with a route to the container that needs no router; nil if there is none, so that the host cannot reach it at all.
  private func interface() throws -> String? {
    guard let container else { return nil }
    var routes = try RouteSocket()
    guard let route = try routes.route(to: container), route.gateway == nil, let index = route.linkIndex else { return nil }
    return try routes.link(index: index)?.name
  }
}
