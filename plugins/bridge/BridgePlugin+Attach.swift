import Addresses
import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink
import Routing

extension BridgePlugin {
  /// How long the container's port may take to pass frames, in milliseconds.
  private static var portLimit: Int32 { 10_000 }

  /// Makes the bridge and the container's link, and gives it what `result` says; adds the interfaces and gateways to `result`.
  func attach(
    _ request: PluginRequest, _ result: inout CNIResult, _ host: inout RouteSocket, _ container: inout ContainerNamespace
  ) throws {
    let isRouted = configuration.ipamType != nil
    let gateways = isRouted ? Gateways(configuration, &result) : Gateways()
    let device = BridgeDevice(configuration)
    let settings = try InterfaceSettings()
    let bridge = try device.ensure(&host, settings)
    let vlanGateway = try device.assign(gateways, bridge, &host, settings)
    try gateways.enableForwarding()

    var monitor = try LinkMonitor()
    let pair = try createPair(request, bridge, &host, &container)
    try device.join(pair.host, &host)
    try settings.setIPv6(pair.host.name, "accept_ra", "0")

    result.interfaces = [
      ResultInterface(name: bridge.name, mac: bridge.macAddress, mtu: Int(bridge.mtu)),
      ResultInterface(name: pair.host.name, mac: pair.host.macAddress, mtu: Int(pair.host.mtu)),
      ResultInterface(
        name: pair.container.name, mac: pair.container.macAddress, mtu: Int(pair.container.mtu), sandbox: request.networkNamespacePath),
    ]
    if configuration.leavesInterfaceDown { return try addRules(request.attachment, result, pair) }
    try container.configure(
      pair.container, as: BridgePlugin.containerPosition, of: result, detectsDuplicates: configuration.detectsDuplicates)
    try addRules(request.attachment, result, pair)
    result.interfaces[0].mac = try waitForPort(pair.host, of: bridge, &monitor, &host).macAddress?.description
    try gateways.waitUntilUsable(on: vlanGateway ?? bridge, &host)
    // Only now, when the bridge passes frames: at "up" they would be lost, and cost a millisecond on a bridge with many ports.
    try container.announce(pair.container)
    if let vlanGateway {
      result.interfaces.append(ResultInterface(name: vlanGateway.name, mac: vlanGateway.macAddress, mtu: Int(vlanGateway.mtu)))
    }
    if configuration.dns.isGiven { result.dns = configuration.dns }
  }

  /// Creates the pair complete in one system call: the host's end is a port of the bridge and says whose it is, the container's end is in place.
  private func createPair(
    _ request: PluginRequest, _ bridge: Link, _ host: inout RouteSocket, _ container: inout ContainerNamespace
  ) throws -> (host: Link, container: Link) {
    let name = try host.freeHostInterfaceName(for: request.attachment)
    var pair = VethPair(name: name, peerName: request.attachment.interfaceName)
    pair.masterIndex = bridge.index
    pair.mtu = configuration.mtu
    pair.peerMACAddress = configuration.macAddress
    let owner = request.attachment.description
    let created = try host.create(
      .create(pair, peerNamespace: container.namespace),
      .change(.name(name)) {
        $0.alias = owner
        if configuration.hairpin { $0.portHairpin = true }
        if configuration.isolatesPort { $0.portIsolated = true }
      })
    guard let inside = try container.routes.link(named: pair.peerName) else {
      throw CNIError(.other, "interface \(pair.peerName) vanished from the container while it was being set up")
    }
    return (created, inside)
  }

  /// Adds what the host's rules do for the container, all in one transaction.
  private func addRules(_ attachment: Attachment, _ result: CNIResult, _ pair: (host: Link, container: Link)) throws {
    let concerns = concerns(result.addresses, port: pair.host, interface: pair.container)
    if concerns.isEmpty { return }
    var rules = try HostRules()
    try rules.add(concerns, for: Owner(attachment))
  }

  /// What the host's rules do for a container with these addresses.
  func concerns(_ addresses: [ResultAddress], port: Link, interface: Link) -> [Concern] {
    var concerns: [Concern] = []
    if configuration.masquerades && !addresses.isEmpty { concerns.append(.masquerade(addresses.map { unmasqueradedNetwork($0.address) })) }
    if configuration.checksSpoofing, let mac = interface.macAddress {
      concerns.append(.spoofCheck(SpoofCheck(port: port.name, address: mac)))
    }
    return concerns
  }

  /// A container's address with the network that it is seen in with it.
  private func unmasqueradedNetwork(_ address: Subnet) -> Subnet {
    let wider = configuration.reachable.first { $0.contains(address.address) }
    return wider.flatMap { Subnet(address.address, prefixLength: $0.prefixLength) } ?? address
  }

  /// Waits until the bridge passes frames to and from the container, and the bridge itself sends: with its first port it needs a moment.
  /// Before that, first connections would lose a second to a lost question for an address. Answers the bridge as it is then.
  private func waitForPort(_ port: Link, of bridge: Link, _ monitor: inout LinkMonitor, _ host: inout RouteSocket) throws -> Link {
    var last: (port: Link?, bridge: Link?) = (nil, nil)
    func isReady() throws(NetlinkError) -> Bool {
      last = (try host.link(index: port.index), try host.link(index: bridge.index))
      // A bridge that had a carrier from the start does not tell its state.
      let sends = last.bridge.map { $0.state == .up || $0.state == .unknown && $0.flags.contains(.lowerUp) }
      return last.port?.state == .up && last.port?.port?.isForwarding == true && sends == true
    }
    if try isReady() { return last.bridge ?? bridge }
    let ready =
      try monitor.wait(milliseconds: BridgePlugin.portLimit) { (event) throws(NetlinkError) in
        switch event {
        case .changed(let link), .removed(let link): [port.index, bridge.index].contains(link.index) ? try isReady() : false
        case nil: try isReady()
        }
      }
    guard ready, let link = last.bridge else {
      let states = [(port, last.port), (bridge, last.bridge)].map { "\($0.name) is \($1.map { "\($0.state)" } ?? "gone")" }
      throw CNIError(.other, "bridge port in error state: \(states.joined(separator: " and ")) after \(BridgePlugin.portLimit) ms")
    }
    return link
  }
}
