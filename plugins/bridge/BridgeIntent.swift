public import Addresses
public import CNI
public import HostRules
public import Routing

/// What an attachment is to have of its bridge, for tools that compare it with what is there.
public struct BridgeIntent {
  /// The bridge's name.
  public let bridge: String
  /// The addresses of the bridge as the containers' router; none if it is no router, or is one by an interface in a VLAN.
  public let gateways: [Subnet]
  /// Whether frames may leave by the port they came in.
  public let hasHairpin: Bool
  /// Whether the port cannot talk to other isolated ports.
  public let isIsolated: Bool
  /// Whether the bridge receives every frame.
  public let isPromiscuous: Bool
  /// The port's VLANs; nil on a bridge that knows none.
  public let vlans: [BridgeVLAN]?
  /// Whether the container's interface is left switched off.
  public let leavesInterfaceDown: Bool
  /// What the host's rules do for the container.
  public let concerns: [Concern]
}

extension BridgePlugin {
  /// What an attachment with this result of its ADD is to have.
  public func intent(_ request: PluginRequest, _ result: CNIResult) -> BridgeIntent {
    var completed = result
    let gateways = configuration.ipamType == nil ? [] : Gateways(configuration, &completed).addresses
    let inside = result.interfaces.firstIndex { $0.name == request.attachment.interfaceName && $0.sandbox?.isEmpty == false }
    let addresses = result.addresses.filter { $0.interface == inside }.map(\.address)
    var concerns: [Concern] = []
    if configuration.masquerades && !addresses.isEmpty { concerns.append(.masquerade(addresses)) }
    let port = result.interfaces.first { $0.sandbox == nil && $0.name != configuration.bridge }
    if configuration.checksSpoofing, let port, let address = inside.flatMap({ result.interfaces[$0].macAddress }) {
      concerns.append(.spoofCheck(SpoofCheck(port: port.name, address: address)))
    }
    return BridgeIntent(
      bridge: configuration.bridge, gateways: configuration.vlan == nil ? gateways : [], hasHairpin: configuration.hairpin,
      isIsolated: configuration.isolatesPort, isPromiscuous: configuration.isPromiscuous, vlans: vlans,
      leavesInterfaceDown: configuration.leavesInterfaceDown, concerns: concerns)
  }

  private var vlans: [BridgeVLAN]? {
    guard configuration.filtersVLANs else { return nil }
    let trunk = configuration.trunk.joined().filter { $0 != configuration.vlan }.map { BridgeVLAN($0) }
    return (configuration.vlan.map { [BridgeVLAN($0, isNative: true, isUntagged: true)] } ?? []) + trunk
  }
}
