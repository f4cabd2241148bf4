import Addresses
import CNI
import InterfaceSetup
import Linux
import Routing

/// The addresses that the bridge has as the containers' router.
struct Gateways {
  /// One address with its network's prefix length for each of the container's networks.
  private(set) var addresses: [Subnet] = []

  /// None: the bridge is not a router.
  init() {}

  /// Works out the gateways of a result: what IPAM says, else the first address of the network. Completes the result with them, and with
  /// default routes if the configuration wants them.
  init(_ configuration: BridgeConfiguration, _ result: inout CNIResult) {
    guard configuration.isGateway else { return }
    for position in result.addresses.indices {
      let assigned = result.addresses[position].address
      guard let gateway = result.addresses[position].gateway ?? assigned.networkAddress.advanced(by: 1),
        let address = Subnet(gateway, prefixLength: assigned.prefixLength)
      else { continue }
      result.addresses[position].gateway = gateway
      if !addresses.contains(address) { addresses.append(address) }
    }
    guard configuration.isDefaultGateway else { return }
    for family in IPAddress.Family.allCases {
      let hasDefault = result.routes.contains { $0.destination.isDefault && $0.destination.family == family && $0.gateway != nil }
      guard !hasDefault, let gateway = addresses.first(where: { $0.family == family }),
        let destination = Subnet(IPAddress(family, 0), prefixLength: 0)
      else { continue }
      result.routes.append(ResultRoute(destination, gateway: gateway.address))
    }
  }

  /// Waits until IPv6 gateways answer: an address on a bridge without ports is not in use until the bridge has one.
  func waitUntilUsable(on link: Link, _ host: inout RouteSocket) throws {
    guard addresses.contains(where: { $0.family == .v6 }) else { return }
    try host.waitForDuplicateDetection(on: link, in: NetworkNamespace.current())
  }

  /// Lets the host pass packets on, for the families that have a gateway.
  func enableForwarding() throws {
    if addresses.contains(where: { $0.family == .v4 }) { try SysctlFolder("ipv4").ensure("ip_forward", "1") }
    if addresses.contains(where: { $0.family == .v6 }) { try SysctlFolder("ipv6/conf").ensure("all/forwarding", "1") }
  }
}
