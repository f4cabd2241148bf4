import Addresses
import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink
import Routing

extension BridgePlugin {
  /// How long the container's port may take to pass frames, in milliseconds.
  private static var portLimit: Int32 { 2500 }

  /// Makes the bridge and the container's link, and gives it what `result` says; adds the interfaces and gateways to `result`.
  func attach(
    _ request: PluginRequest, _ result: inout CNIResult, _ host: inout RouteSocket, _ container: inout ContainerNamespace
  ) throws {
    let isRouted = configuration.ipamType != nil
    let gateways = isRouted ? Gateways(configuration, &result) : Gateways()
    let device = BridgeDevice(configuration)
    let settings = try InterfaceSettings()
    var bridge = try device.ensure(&host, settings)
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
    if !configuration.detectsDuplicates { try container.settings.setIPv6(pair.container.name, "accept_dad", "0") }
    try container.configure(
      pair.container, as: BridgePlugin.containerPosition, of: result, detectsDuplicates: configuration.detectsDuplicates)
    try addRules(request.attachment, result, pair)
    try waitForPort(pair.host, &monitor, &host)
    try announce(pair.container, &container)
    if let link = try host.link(index: bridge.index) { bridge = link }
    result.interfaces[0].mac = bridge.macAddress?.description
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
    var concerns: [Concern] = []
    if configuration.masquerades && !result.addresses.isEmpty { concerns.append(.masquerade(result.addresses.map(\.address))) }
    if configuration.checksSpoofing, let mac = pair.container.macAddress {
      concerns.append(.spoofCheck(SpoofCheck(port: pair.host.name, address: mac)))
    }
    if concerns.isEmpty { return }
    var rules = try HostRules()
    try rules.add(concerns, for: Owner(attachment))
  }

  /// Makes the kernel tell all neighbours where the container's addresses are now: by gratuitous ARP (RFC 5227) and unsolicited neighbour
  /// advertisements (RFC 4861, section 7.2.6), which it sends when the MAC address is set, be it to what it is.
  ///
  /// Only now, when the bridge passes frames: at "up" they would be lost, and cost a millisecond on a bridge with many ports.
  private func announce(_ link: Link, _ container: inout ContainerNamespace) throws {
    guard let mac = link.macAddress else { return }
    try container.settings.setIPv6(link.name, "ndisc_notify", "1")
    try container.routes.perform(
      .change(.index(link.index)) { $0.ipv4Settings = [.arpNotify: 1] }, .change(.index(link.index)) { $0.macAddress = mac })
  }

  /// Waits until the bridge passes frames to and from the container. Before that, first connections would lose a second to a lost ARP request.
  private func waitForPort(_ port: Link, _ monitor: inout LinkMonitor, _ host: inout RouteSocket) throws {
    func isReady(_ link: Link?) -> Bool { link?.index == port.index && link?.state == .up && link?.port?.isForwarding == true }
    if isReady(try host.link(index: port.index)) { return }
    let ready = try monitor.wait(milliseconds: BridgePlugin.portLimit) { (event) throws(NetlinkError) in
      switch event {
      case .changed(let link): link.index == port.index ? isReady(try host.link(index: port.index)) : false
      case .removed(let link): link.index == port.index
      case nil: isReady(try host.link(index: port.index))
      }
    }
    let link = try host.link(index: port.index)
    guard ready, let link, isReady(link) else {
      throw CNIError(
        .other, "bridge port in error state: \(port.name) is \(link.map { "\($0.state)" } ?? "gone") after \(BridgePlugin.portLimit) ms")
    }
  }
}
