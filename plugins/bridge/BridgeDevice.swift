import Addresses
import CNI
import InterfaceSetup
import Linux
import Netlink
import Routing

/// The bridge on the host, which all containers of a network share and which outlives them.
struct BridgeDevice {
  let configuration: BridgeConfiguration

  init(_ configuration: BridgeConfiguration) { self.configuration = configuration }

  /// The mark of a bridge whose MAC address does not follow its ports'.
  private static let alias = "swift-cni bridge"

  /// Finds or creates the bridge, up, with the settings that the configuration wants and a MAC address that stays.
  func ensure(_ host: inout RouteSocket, _ settings: borrowing InterfaceSettings) throws -> Link {
    if let link = try host.link(named: configuration.bridge) { return try adopt(link, &host, settings) }
    let address = MACAddress(localSeed: UInt64.random(in: 0...UInt64.max))
    do {
      let link = try host.create(
        .createBridge(configuration.bridge, macAddress: address, mtu: configuration.mtu, filtersVLANs: configuration.filtersVLANs),
        .change(.name(configuration.bridge)) {
          $0.alias = BridgeDevice.alias
          if configuration.isPromiscuous { $0.isPromiscuous = true }
        })
      try prepare(link, settings)
      return link
    } catch let error as NetlinkError where error.code == .exists {
      // Another ADD has created it in the meantime.
      guard let link = try host.link(named: configuration.bridge) else { throw error }
      return try adopt(link, &host, settings)
    }
  }

  /// Makes a bridge that exists fit the configuration.
  private func adopt(_ link: Link, _ host: inout RouteSocket, _ settings: borrowing InterfaceSettings) throws -> Link {
    guard let bridge = link.bridge else {
      throw CNIError(.other, "\(link.name) already exists but is not a bridge\(link.kind.map { ", it is a \($0)" } ?? "")")
    }
    let isPinned = link.alias == BridgeDevice.alias
    let isPromiscuous = link.flags.contains(.promiscuous)
    // It is never switched off: another network on this bridge may keep its containers apart by it, and those without VLAN share the first one.
    let lacksFilter = configuration.filtersVLANs && !bridge.filtersVLANs
    if isPinned && link.isUp && isPromiscuous == configuration.isPromiscuous && !lacksFilter { return link }
    try host.perform(
      .change(.index(link.index)) {
        $0.isUp = true
        $0.isPromiscuous = configuration.isPromiscuous
        // Setting the address, even to what it is, keeps the kernel from replacing it by a port's.
        if !isPinned { $0.macAddress = link.macAddress }
        if !isPinned && link.alias == nil { $0.alias = BridgeDevice.alias }
        if lacksFilter { $0.filtersVLANs = true }
      })
    if !isPinned { try prepare(link, settings) }
    return try host.link(index: link.index) ?? link
  }

  /// A router listens to no other router, and its addresses are for it to choose.
  private func prepare(_ link: Link, _ settings: borrowing InterfaceSettings) throws {
    try settings.setIPv6(link.name, "accept_ra", "0")
    try settings.setIPv6(link.name, "accept_dad", "0")
  }

  /// Puts the gateways' addresses where containers reach them: on the bridge, or with a VLAN on an interface in it. Answers that interface.
  func assign(
    _ gateways: Gateways, _ bridge: Link, _ host: inout RouteSocket, _ settings: borrowing InterfaceSettings
  ) throws -> Link? {
    if gateways.addresses.isEmpty { return nil }
    guard let vlan = configuration.vlan else {
      try assign(gateways.addresses, to: bridge, &host)
      return nil
    }
    let link = try ensureInterface(in: vlan, bridge, &host, settings)
    try assign(gateways.addresses, to: link, &host)
    return link
  }

  /// Puts the container's port into its VLANs.
  func join(_ port: Link, _ host: inout RouteSocket) throws {
    guard configuration.filtersVLANs else { return }
    var requests: [NetlinkMessage] = []
    if leavesDefaultVLAN { requests.append(.removeVLANs([BridgeVLAN(1)], portIndex: port.index)) }
    let tagged = configuration.trunk.map { BridgeVLAN($0.lowerBound, through: $0.upperBound) }
    if !tagged.isEmpty { requests.append(.addVLANs(tagged, portIndex: port.index)) }
    // Last, because a trunk that includes it would make it a tagged one.
    if let native { requests.append(.addVLANs([native], portIndex: port.index)) }
    try host.perform(requests)
  }

  /// Compares the VLANs of the container's port with the configuration.
  func checkVLANs(of port: Link, _ host: inout RouteSocket) throws {
    guard configuration.filtersVLANs else { return }
    let present = try host.bridgeVLANs()[port.index] ?? []
    if let native, !present.contains(native) { throw CNIError(.other, "\(port.name) does not have VLAN \(native.first) as its native one") }
    for vlan in configuration.trunk.joined() where !present.contains(where: { $0.first == vlan }) {
      throw CNIError(.other, "\(port.name) is not in VLAN \(vlan)")
    }
    if leavesDefaultVLAN, !configuration.trunk.joined().contains(1), present.contains(where: { $0.first == 1 }) {
      throw CNIError(.other, "\(port.name) is still in VLAN 1")
    }
  }

  private var native: BridgeVLAN? { configuration.vlan.map { BridgeVLAN($0, isNative: true, isUntagged: true) } }

  /// A port that becomes part of a bridge is in VLAN 1.
  private var leavesDefaultVLAN: Bool { configuration.vlan.map { $0 != 1 && !configuration.keepsDefaultVLAN } ?? false }

  /// The interface "bridge.vlan": a veth whose peer is a port of the bridge in that VLAN.
  private func ensureInterface(
    in vlan: UInt16, _ bridge: Link, _ host: inout RouteSocket, _ settings: borrowing InterfaceSettings
  ) throws -> Link {
    let name = "\(bridge.name).\(vlan)"
    guard InterfaceName.isValid(name) else {
      throw CNIError(.invalidConfiguration, "the gateway of VLAN \(vlan) would be named \"\(name)\", which is longer than 15 bytes")
    }
    if let link = try host.link(named: name) { return link }
    let port = HostInterface.names(for: Attachment(network: bridge.name, containerID: "gateway", interfaceName: "\(vlan)"))[0]
    do {
      let link = try host.create(
        .create(VethPair(name: name, peerName: port)), .change(.name(name)) { $0.alias = BridgeDevice.alias },
        .change(.name(port)) {
          $0.isUp = true
          $0.masterIndex = bridge.index
          $0.alias = BridgeDevice.alias
        })
      guard let portLink = try host.link(named: port) else { throw CNIError(.other, "bridge port \(port) vanished") }
      try host.perform(
        .removeVLANs([BridgeVLAN(1)], portIndex: portLink.index),
        .addVLANs([BridgeVLAN(vlan, isNative: true, isUntagged: true)], portIndex: portLink.index))
      try prepare(link, settings)
      return link
    } catch let error as NetlinkError where error.code == .exists {
      guard let link = try host.link(named: name) else { throw error }
      return link
    }
  }

  private func assign(_ wanted: [Subnet], to link: Link, _ host: inout RouteSocket) throws {
    let present = try host.addresses(linkIndex: link.index)
    let missing = wanted.filter { address in !present.contains { $0.address == address } }
    if missing.isEmpty { return }
    let obstacles =
      configuration.keepsOtherGateways
      ? []
      : present.filter { other in
        missing.contains { $0.family == other.address.family && conflicts($0, other.address) } && !wanted.contains(other.address)
      }
    if let obstacle = obstacles.first, !configuration.forcesAddress {
      let address = missing.first { $0.family == obstacle.address.family } ?? missing[0]
      throw CNIError(.other, "\"\(link.name)\" already has an IP address different from \(address)")
    }
    try host.perform(obstacles.map { .deleteAddress($0) })
    for address in missing {
      do { try host.perform(.newAddress(InterfaceAddress(address, linkIndex: link.index))) } catch {
        // Another ADD on the same network has been quicker.
        guard error.code == .exists else { throw error }
      }
    }
  }

  /// A bridge has IPv4 addresses only for our own networks, and IPv6 addresses side by side as long as they do not overlap.
  private func conflicts(_ wanted: Subnet, _ other: Subnet) -> Bool {
    if wanted.family == .v6 && other.address.isLinkLocal { return false }
    return wanted.family == .v4 || wanted.overlaps(other)
  }
}
