import Addresses
import Conntrack
import HostRules
import Netlink
import Routing

/// Connections that the kernel would go on treating as before the ports changed hands. UDP alone: the other protocols say when a connection
/// begins, and then rules are asked again.
enum StaleConnections {
  /// Removes what was tracked before a publication: connections to its ports at this host, which led to a process or an earlier container.
  ///
  /// Exchanges with other hosts' ports of the same number, forwarded or from here, go on.
  static func remove(before publication: Publication, _ rules: inout HostRules) throws {
    let ports = udpPorts(publication)
    if ports.isEmpty { return }
    let local = try localAddresses(publication)
    try remove(publication, ports, &rules) { port, family in
      if let address = port.hostAddress, !address.isUnspecified {
        return [.to(port: 0, .udp, family, at: address)]
      }
      if family == .v4 { return local.map { .to(port: 0, .udp, .v4, at: $0) } }
      // The kernel cannot filter by addresses of IPv6. A connection of this host is translated by its destination, or not at all.
      var untouched = ConnectionFilter.to(port: 0, .udp, .v6), redirected = untouched
      untouched.lacking = [.sourceTranslated, .destinationTranslated]
      redirected.having = .destinationTranslated
      return [untouched, redirected]
    }
  }

  /// Removes what was tracked because of a publication that is gone: connections that its container answered.
  static func remove(after publication: Publication, _ rules: inout HostRules) throws {
    let ports = udpPorts(publication)
    if ports.isEmpty { return }
    try remove(publication, ports, &rules) { port, family in
      guard let container = publication.containers.first(where: { $0.family == family })?.address else { return [] }
      let address = port.hostAddress.flatMap { $0.isUnspecified ? nil : $0 }
      if family == .v4 || address != nil { return [.to(port: 0, .udp, family, at: address, answeredBy: container)] }
      var redirected = ConnectionFilter.to(port: 0, .udp, .v6)
      redirected.having = .destinationTranslated
      return [redirected]
    }
  }

  private static func udpPorts(_ publication: Publication) -> [PublishedPort] { publication.ports.filter { $0.transport == .udp } }

  /// Removes what the filters of every port mean; their own port is put in.
  private static func remove(
    _ publication: Publication, _ ports: [PublishedPort], _ rules: inout HostRules,
    _ filters: (PublishedPort, IPAddress.Family) -> [ConnectionFilter]
  ) throws {
    var all: [ConnectionFilter] = []
    for port in ports {
      for family in publication.containers.map(\.family) where port.hostAddress == nil || port.hostAddress?.family == family {
        for filter in filters(port, family) {
          for number in port.hostPorts {
            var filter = filter
            filter.original.destinationPort = number
            all.append(filter)
          }
        }
      }
    }
    if !all.isEmpty { try rules.withSocket { try $0.removeConnections(all) } }
  }

  /// The host's IPv4 addresses, if they matter: a port on all of them.
  private static func localAddresses(_ publication: Publication) throws -> [IPAddress] {
    guard publication.containers.contains(where: { $0.family == .v4 }) else { return [] }
    var routes = try RouteSocket()
    return try routes.addresses(family: .v4).map(\.address.address)
  }
}
