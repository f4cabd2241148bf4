public import Addresses
public import Overlay
import Routing
public import WireGuard

/// Works out what the kernel is to hold: from what all hosts agree on, this host's lease and underlay, and the other hosts' leases.
public struct DataPlanePlan {
  private let configuration: OverlayNetworkConfiguration
  private let own: Lease
  private let underlay: Underlay
  private let mtu: UInt32
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
  /// VXLAN adds 50 bytes over IPv4 and 70 over IPv6 (RFC 7348: Ethernet 14, IP 20 or 40, UDP 8, VXLAN 8), WireGuard 60 and 80.
  public static func mtu(_ configuration: OverlayNetworkConfiguration, underlayMTU: UInt32, underlayFamily: IPAddress.Family) -> UInt32 {
    let overhead: UInt32 =
      switch configuration.dataPath {
      case .vxlan: underlayFamily == .v4 ? 50 : 70
      case .wireguard: underlayFamily == .v4 ? 60 : 80
      case .hostGateway: 0
      }
    let possible = underlayMTU > overhead + 68 ? min(underlayMTU - overhead, 65535) : 68
    return min(configuration.mtu ?? possible, possible)
  }

  /// The family of the addresses that tunnels of a host with this lease lead to.
  public static func underlayFamily(_ lease: Lease) -> IPAddress.Family { lease.publicAddress == nil ? .v6 : .v4 }

  /// The goal, and for each peer how packets go there, or why they do not.
  public func goal(_ peers: [Lease]) -> (goal: DataPlaneGoal, paths: [LeaseKey: Result<DataPath, PeerFault>]) {
    var goal = DataPlaneGoal(
      overlays: configuration.pools.map(\.network), deviceName: DataPlanePlan.deviceName(vni: configuration.vni), device: device,
      entries: [], underlayLinks: [underlay.linkIndex])
    if goal.device != nil { goal.entries = Set(own.subnets.map { .address(Subnet(host: $0.address)) }) }
    if peers.contains(where: { $0.ipv6MACAddress != nil && $0.ipv6Subnet != nil }) { goal.receiver = receiver }
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

  private var device: TunnelDevice? {
    let name = DataPlanePlan.deviceName(vni: configuration.vni)
    switch configuration.dataPath {
    case .vxlan:
      guard let local = own.publicAddress ?? own.publicIPv6Address, let mac = own.macAddress else { return nil }
      return .vxlan(
        VXLANDevice(name: name, identifier: configuration.vni, local: local, port: configuration.port, macAddress: mac, mtu: mtu))
    case .wireguard:
      return privateKey.map { .wireguard(WireGuardDevice(name: name, privateKey: $0, port: configuration.port, mtu: mtu)) }
    case .hostGateway: return nil
    }
  }

  /// flannel has one VXLAN device for each family, and sends IPv6 packets to the IPv6 address of the underlay.
  private var receiver: VXLANDevice? {
    guard configuration.dataPath == .vxlan, own.publicAddress != nil, own.ipv6Subnet != nil, let local = own.publicIPv6Address,
      let mac = own.macAddress
    else { return nil }
    let name = DataPlaneGoal.receiverName(DataPlanePlan.deviceName(vni: configuration.vni))
    return VXLANDevice(name: name, identifier: configuration.vni, local: local, port: configuration.port, macAddress: mac, mtu: mtu)
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

  /// One peer, and a route to each network.
  private func encrypted(_ peer: Lease) throws(PeerFault) -> [KernelEntry] {
    let host = try underlayAddress(peer)
    guard let text = peer.wireguardKey else { throw PeerFault("it has published no WireGuard key") }
    guard let key = WireGuardKey(text), !key.isZero else {
      throw PeerFault("its WireGuard key is expected to be 32 bytes in Base64, got \"\(text)\"")
    }
    let endpoint = WireGuardPeer.Endpoint(host, port: peer.port ?? configuration.port)
    let secret = configuration.presharedKey.flatMap { WireGuardKey($0) }
    return [.peer(WireGuardPeer(key, presharedKey: secret, endpoint: endpoint, allowed: Set(peer.subnets)))]
      + peer.subnets.map { .deviceRoute($0) }
  }

  /// Where the tunnel to a peer leads.
  private func underlayAddress(_ peer: Lease) throws(PeerFault) -> IPAddress {
    let family = DataPlanePlan.underlayFamily(own)
    guard let host = family == .v4 ? peer.publicAddress : peer.publicIPv6Address else {
      throw PeerFault("it has no public \(family == .v4 ? "IPv4" : "IPv6") address, and this host's tunnel uses that")
    }
    return host
  }

  /// One forwarding entry, and for each network a neighbour and a route to it, as flannel has them: a network's own address is its router.
  private func tunnel(_ peer: Lease) throws(PeerFault) -> [KernelEntry] {
    let host = try underlayAddress(peer)
    if let vni = peer.vni, vni != configuration.vni { throw PeerFault("it uses VXLAN number \(vni), this network \(configuration.vni)") }
    let isByIPv6 = DataPlanePlan.underlayFamily(own) == .v6
    let mac = (isByIPv6 ? peer.ipv6MACAddress : nil) ?? peer.macAddress ?? MACAddress(vni: configuration.vni, subnets: peer.subnets)
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
