import Addresses
public import CNI
import HostRules
import InterfaceSetup
import Netlink
import Routing

extension BridgePlugin {
  /// Compares the bridge, the port, the container's interface, its addresses and routes, and the host's rules with the previous result.
  public func check(_ request: PluginRequest) throws {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "Required prevResult missing")
    }
    try ipam(request)?.check()
    var host = try RouteSocket()
    var container = try ContainerNamespace(request.networkNamespace())
    let bridge = try checkBridge(result, &host)
    let (position, inside) = try container.checkInterface(request, in: result, kind: "veth")
    let port = try checkPort(inside, of: bridge, request, &host)
    try checkRules(concerns(result.addresses.filter { $0.interface == position }, port: port, interface: inside), request.attachment)
    if configuration.leavesInterfaceDown {
      if inside.isUp { throw CNIError(.other, "interface \(inside.name) is up although disableContainerInterface is set") }
      return
    }
    if !inside.isUp { throw CNIError(.other, "interface \(inside.name) is down") }
    try container.checkAddressesAndRoutes(inside, as: position, of: result)
  }

  private func checkBridge(_ result: CNIResult, _ host: inout RouteSocket) throws -> Link {
    let name = configuration.bridge
    guard let link = try host.link(named: name) else { throw CNIError(.other, "bridge \(name) does not exist") }
    guard let bridge = link.bridge else { throw CNIError(.other, "\(name) is not a bridge") }
    guard link.isUp else { throw CNIError(.other, "bridge \(name) is down") }
    let expected = result.interfaces.first { $0.name == name && $0.sandbox == nil }
    if let mac = expected?.mac, mac != link.macAddress?.description {
      throw CNIError(.other, "bridge \(name) has MAC address \(link.macAddress?.description ?? "none"), not \(mac)")
    }
    guard link.flags.contains(.promiscuous) == configuration.isPromiscuous else {
      throw CNIError(.other, "bridge \(name) is \(configuration.isPromiscuous ? "not " : "")promiscuous")
    }
    guard bridge.filtersVLANs || !configuration.filtersVLANs else { throw CNIError(.other, "bridge \(name) has VLAN filtering off") }
    return link
  }

  private func checkPort(_ inside: Link, of bridge: Link, _ request: PluginRequest, _ host: inout RouteSocket) throws -> Link {
    guard let port = try host.hostInterface(of: request.attachment) ?? peer(of: inside, &host) else {
      throw CNIError(.other, "the host's end of interface \(inside.name) does not exist")
    }
    guard inside.linkIndex == port.index else { throw CNIError(.other, "\(port.name) is not the peer of interface \(inside.name)") }
    guard port.masterIndex == bridge.index else { throw CNIError(.other, "\(port.name) is not a port of bridge \(bridge.name)") }
    guard port.isUp else { throw CNIError(.other, "\(port.name) is down") }
    guard port.port?.hairpin == configuration.hairpin else {
      throw CNIError(.other, "\(port.name) has hairpin mode \(port.port?.hairpin == true ? "on" : "off")")
    }
    try BridgeDevice(configuration).checkVLANs(of: port, &host)
    // A later plugin of the chain may isolate the port although this one does not.
    guard port.port?.isolated == true || !configuration.isolatesPort else { throw CNIError(.other, "\(port.name) is not isolated") }
    return port
  }

  private func checkRules(_ concerns: [Concern], _ attachment: Attachment) throws {
    if concerns.isEmpty { return }
    var rules = try HostRules()
    let faults = try rules.verify(concerns, of: Owner(attachment))
    guard faults.isEmpty else { throw CNIError(.other, "the host's rules differ: \(faults.joined(separator: "; "))") }
  }

  /// The host's end when another implementation has made it.
  private func peer(of inside: Link, _ host: inout RouteSocket) throws -> Link? {
    guard let index = inside.linkIndex else { return nil }
    return try host.link(index: index)
  }
}
