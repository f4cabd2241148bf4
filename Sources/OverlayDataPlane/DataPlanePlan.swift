public import Addresses
public import Overlay
import Routing
public import WireGuard

/// Works out what the kernel is to hold: from what all hosts agree on, this host's lease and underlay, and the other hosts' leases.
public struct DataPlanePlan {
  let configuration: OverlayNetworkConfiguration
  let own: Lease
  private let underlay: Underlay
  let mtu: UInt32
  /// This host's WireGuard key; an overlay of that kind has no device without it.
  public var privateKey: WireGuardPrivateKey?

  /// Plans for a host. `mtu` is the largest packet of containers in bytes.
  public init(_ configuration: OverlayNetworkConfiguration, own: Lease, underlay: Underlay, mtu: UInt32) {
    self.configuration = configuration
    self.own = own
    self.underlay = underlay
    self.mtu = mtu
  }

  /// The name of an overlay's device.
  public static func deviceName(vni: UInt32) -> String { "ovl.\(vni)" }

  /// The largest packet of containers in bytes: what fits into the underlay's, or what is configured if that is less.
  ///
  /// `lease` is this host's. Of several tunnels the one with most overhead counts.
  public static func mtu(_ configuration: OverlayNetworkConfiguration, underlayMTU: UInt32, _ lease: Lease) -> UInt32 {
    let overhead = overhead(configuration, lease)
    let possible = underlayMTU > overhead + 68 ? min(underlayMTU - overhead, 65535) : 68
    return min(configuration.mtu ?? possible, possible)
  }

  /// How many bytes tunnels add to a packet at the most: VXLAN 50 over IPv4 and 70 over IPv6 (RFC 7348: Ethernet 14, IP 20 or 40, UDP 8, VXLAN 8),
  /// WireGuard 60 and 80.
  public static func overhead(_ configuration: OverlayNetworkConfiguration, _ lease: Lease) -> UInt32 {
    let isByIPv6 = tunnelFamilies(configuration, lease).contains(.v6)
    return switch configuration.dataPath {
    case .vxlan: isByIPv6 ? 70 : 50
    case .wireguard: isByIPv6 ? 80 : 60
    case .hostGateway: 0
    }
  }

  /// The families of the underlay's addresses by which a host with this lease has tunnels, the preferred one first.
  public static func tunnelFamilies(_ configuration: OverlayNetworkConfiguration, _ lease: Lease) -> [IPAddress.Family] {
    configuration.dataPath == .wireguard
      ? wireguardFamilies(configuration.wireguardMode, lease) : [lease.publicAddress == nil ? .v6 : .v4]
  }

  /// The goal, and for each peer how packets go there, or why they do not.
  public func goal(_ peers: [Lease]) -> (goal: DataPlaneGoal, paths: [LeaseKey: Result<DataPath, PeerFault>]) {
    var goal = DataPlaneGoal(
      overlays: configuration.pools.map(\.network), deviceName: DataPlanePlan.deviceName(vni: configuration.vni), device: vxlanDevice,
      entries: [], underlayLinks: [underlay.linkIndex])
    if configuration.dataPath == .wireguard {
      (goal.device, goal.ipv6Device) = (wireguardDevice(.main), wireguardDevice(.ipv6))
    } else if peers.contains(where: { $0.ipv6MACAddress != nil && $0.ipv6Subnet != nil }) {
      goal.ipv6Device = receiver
    }
    if goal.device != nil { goal.entries = Set(own.subnets.map { .address(Subnet(host: $0.address), on: role(ownAddressOf: $0.family)) }) }
    var paths: [LeaseKey: Result<DataPath, PeerFault>] = [:]
    let holders = keyHolders(peers)
    for peer in peers {
      do throws(PeerFault) {
        if let key = peer.wireguardKey, let holder = holders[key], holder.key != peer.key {
          throw PeerFault("it has the same WireGuard key as \(holder.key), of two such hosts the earlier one counts")
        }
        let (path, entries) = try plan(peer)
        goal.entries.formUnion(entries)
        paths[peer.key] = .success(path)
      } catch { paths[peer.key] = .failure(error) }
    }
    return (goal, paths)
  }

  /// The name of the device in a role.
  func name(_ role: TunnelDevice.Role) -> String { DataPlaneGoal.name(DataPlanePlan.deviceName(vni: configuration.vni), role) }

  private var vxlanDevice: TunnelDevice? {
    guard configuration.dataPath == .vxlan, let local = own.publicAddress ?? own.publicIPv6Address else { return nil }
    return vxlanDevice(.main, local)
  }

  /// flannel has one VXLAN device for each family, and sends IPv6 packets to the IPv6 address of the underlay.
  private var receiver: TunnelDevice? {
    guard configuration.dataPath == .vxlan, own.publicAddress != nil, own.ipv6Subnet != nil, let local = own.publicIPv6Address
    else { return nil }
    return vxlanDevice(.ipv6, local)
  }

  private func vxlanDevice(_ role: TunnelDevice.Role, _ local: IPAddress) -> TunnelDevice? {
    own.macAddress.map {
      .vxlan(
        VXLANDevice(
          name: name(role), identifier: configuration.vni, local: local, port: configuration.port, macAddress: $0, mtu: mtu))
    }
  }

  /// Whose a WireGuard key is: a device has only one peer with it. Somebody else's with this host's own key is nobody's.
  private func keyHolders(_ peers: [Lease]) -> [String: Lease] {
    guard configuration.dataPath == .wireguard else { return [:] }
    var holders = Dictionary(peers.compactMap { peer in peer.wireguardKey.map { ($0, peer) } }) { $1.precedes($0) ? $1 : $0 }
    if let key = own.wireguardKey { holders[key] = own }
    return holders
  }

  private func plan(_ peer: Lease) throws(PeerFault) -> (DataPath, [KernelEntry]) {
    guard peer.dataPath == configuration.dataPath else {
      throw PeerFault("it uses \(peer.dataPath.rawValue), this network \(configuration.dataPath.rawValue)")
    }
    switch configuration.dataPath {
    case .hostGateway: return (.hostGateway, try direct(peer))
    case .vxlan:
      if configuration.directRouting, let entries = try? direct(peer) { return (.hostGateway, entries) }
      return (.vxlan, try tunnel(peer))
    case .wireguard: return (.wireguard, try encrypted(peer))
    }
  }

  /// One route for each network, through the peer's address of the same family.
  private func direct(_ peer: Lease) throws(PeerFault) -> [KernelEntry] {
    var entries: [KernelEntry] = []
    for subnet in peer.subnets {
      guard let gateway = subnet.family == .v4 ? peer.publicAddress : peer.publicIPv6Address else {
        throw PeerFault("it has no \(subnet.family == .v4 ? "IPv4" : "IPv6") address to be the router of \(subnet)")
      }
      guard underlay.isOnLink(gateway) else { throw PeerFault("\(gateway) is not on the same link as this host (\(underlay.linkName))") }
      entries.append(.directRoute(subnet, via: gateway, linkIndex: underlay.linkIndex))
    }
    return entries
  }

  /// One forwarding entry, and for each network a neighbour and a route to it, as flannel has them: a network's own address is its router.
  private func tunnel(_ peer: Lease) throws(PeerFault) -> [KernelEntry] {
    let family = try tunnelFamily(peer)
    guard let host = peer.publicAddress(family) else { throw PeerFault("it has no public address") }
    if let vni = peer.vni, vni != configuration.vni { throw PeerFault("it uses VXLAN number \(vni), this network \(configuration.vni)") }
    let mac = (family == .v6 ? peer.ipv6MACAddress : nil) ?? peer.macAddress ?? MACAddress(vni: configuration.vni, subnets: peer.subnets)
    var entries: [KernelEntry] = [.forwarding(mac, to: host)]
    for subnet in peer.subnets { entries += [.neighbor(subnet.address, mac), .tunnelRoute(subnet, via: subnet.address)] }
    return entries
  }
}

/// Why a peer cannot be reached.
public struct PeerFault: Error, Hashable, CustomStringConvertible {
  /// Half a sentence about the peer.
  public let description: String

  init(_ description: String) { self.description = description }
}
