import Addresses
public import CNI
import Linux
import Netlink
public import Routing

extension ContainerNamespace {
  /// Finds the container's interface as a previous result describes it: the one with the attachment's name and sandbox. Answers its place in
  /// the result and the link, whose kind and MAC address have been compared. Throws what differs.
  public mutating func checkInterface(_ request: PluginRequest, in result: CNIResult, kind: String) throws -> (position: Int, link: Link) {
    let name = request.attachment.interfaceName
    guard let position = result.interfaces.firstIndex(where: { $0.name == name && $0.sandbox == request.networkNamespacePath }) else {
      let sandbox = result.interfaces.first { $0.name == name }?.sandbox ?? ""
      throw CNIError(
        .invalidConfiguration, "Sandbox in prevResult \(sandbox) doesn't match configured netns: \(request.networkNamespacePath)")
    }
    guard let link = try routes.link(named: name) else { throw CNIError(.other, "interface \(name) does not exist in the container") }
    guard link.kind == kind else {
      throw CNIError(.other, "interface \(name) in the container is of kind \(link.kind ?? "none"), not \(kind)")
    }
    let expected = result.interfaces[position]
    if let mac = expected.mac, mac != link.macAddress?.description {
      throw CNIError(.other, "interface \(name) has MAC address \(link.macAddress?.description ?? "none"), not \(mac)")
    }
    if let mtu = expected.mtu, mtu != Int(link.mtu) {
      throw CNIError(.other, "interface \(name) has MTU \(link.mtu), not \(mtu)")
    }
    return (position, link)
  }

  /// Compares an interface's addresses, the routes to their networks and the result's routes with the kernel's. Throws the first that is missing.
  public mutating func checkAddressesAndRoutes(_ link: Link, as position: Int, of result: CNIResult) throws {
    let addresses = try routes.addresses(linkIndex: link.index)
    for expected in result.addresses where expected.interface == position || expected.interface == nil {
      guard let found = addresses.first(where: { $0.address == expected.address }) else {
        throw CNIError(.other, "interface \(link.name) lacks address \(expected.address)")
      }
      if found.isDuplicate { throw CNIError(.other, "address \(expected.address) of interface \(link.name) is a duplicate") }
      try checkRoute(Route(to: expected.address.network, linkIndex: link.index), link)
    }
    for route in try result.installedRoutes(linkIndex: link.index) { try checkRoute(route, link) }
  }

  /// A host's own address needs no route to a network: /32 and /128 are looked up in the local table by the kernel.
  private mutating func checkRoute(_ expected: Route, _ link: Link) throws {
    let family = expected.destination.family
    if expected.destination.prefixLength == family.bitCount && expected.gateway == nil { return }
    let installed = try routes.routes(family, table: expected.table)
    let sameDestination = installed.filter { $0.destination == expected.destination }
    let hops = sameDestination.flatMap(\.hops)
    let isInstalled = expected.hops.allSatisfy { wanted in
      hops.contains { $0.linkIndex == link.index && (wanted.gateway == nil || $0.gateway == wanted.gateway) }
    }
    guard isInstalled, !hops.isEmpty else {
      let gateways = expected.hops.compactMap { $0.gateway?.description }.joined(separator: " and ")
      throw CNIError(
        .other,
        "the container lacks route \(expected.destination)\(gateways.isEmpty ? "" : " via \(gateways)") on \(link.name) in table \(expected.table)"
      )
    }
  }
}
