import Addresses
import Overlay
import WireGuard

/// Which WireGuard tunnels there are. Both ends of one must find the same: so it follows from the mode and the two leases alone.
extension DataPlanePlan {
  /// The families of a host's tunnels. In the mode `separate` a family of the overlay has tunnels by the underlay's addresses of its own family; a
  /// host that has no such address has it in the tunnels of the other one.
  static func wireguardFamilies(_ mode: WireGuardMode, _ lease: Lease) -> [IPAddress.Family] {
    let families = IPAddress.Family.allCases.filter { lease.publicAddress($0) != nil }
    switch mode {
    case .separate:
      let needed = families.filter { family in lease.subnets.contains { $0.family == family } }
      return needed.isEmpty ? families : needed
    case .automatic: return families
    case .ipv4: return families.filter { $0 == .v4 }
    case .ipv6: return families.filter { $0 == .v6 }
    }
  }

  private var ownFamilies: [IPAddress.Family] { DataPlanePlan.tunnelFamilies(configuration, own) }

  /// The device of the tunnels by a family of the underlay.
  private func role(tunnelsBy family: IPAddress.Family) -> TunnelDevice.Role {
    configuration.wireguardMode == .separate && ownFamilies.count == 2 && family == .v6 ? .ipv6 : .main
  }

  /// The device that this host's own address of a family is on.
  func role(ownAddressOf family: IPAddress.Family) -> TunnelDevice.Role {
    configuration.dataPath == .wireguard ? role(tunnelsBy: family) : .main
  }

  /// The device in a role; nil if there is none.
  func wireguardDevice(_ role: TunnelDevice.Role) -> TunnelDevice? {
    guard let privateKey, let family = ownFamilies.first(where: { self.role(tunnelsBy: $0) == role }) else { return nil }
    return .wireguard(WireGuardDevice(name: name(role), privateKey: privateKey, port: port(own, tunnelsBy: family), mtu: mtu))
  }

  /// The port where a host has its tunnels by a family of the underlay: what its record says, or else what all hosts agree on.
  private func port(_ lease: Lease, tunnelsBy family: IPAddress.Family) -> UInt16 {
    guard configuration.wireguardMode == .separate else { return lease.port ?? configuration.port }
    if family == .v6, lease.subnets.count == 2 { return lease.ipv6Port ?? configuration.ipv6Port }
    return lease.port ?? (lease.subnet == nil ? configuration.ipv6Port : configuration.port)
  }

  private func hasTunnels(_ lease: Lease, by family: IPAddress.Family) -> Bool {
    DataPlanePlan.tunnelFamilies(configuration, lease).contains(family)
  }

  /// The family of the underlay's addresses by which the preferred tunnel to a peer leads.
  func tunnelFamily(_ peer: Lease) throws(PeerFault) -> IPAddress.Family {
    let isCommon: (IPAddress.Family) -> Bool = {
      peer.publicAddress($0) != nil && (configuration.dataPath != .wireguard || hasTunnels(peer, by: $0))
    }
    guard let family = ownFamilies.first(where: isCommon) else {
      let names = ownFamilies.map { $0 == .v4 ? "IPv4" : "IPv6" }.joined(separator: " or ")
      throw PeerFault("it has no public \(names) address, and this host's tunnel uses that")
    }
    return family
  }

  /// One peer, or one for each device, and a route to each network.
  func encrypted(_ peer: Lease) throws(PeerFault) -> [KernelEntry] {
    let preferred = try tunnelFamily(peer)
    guard let text = peer.wireguardKey else { throw PeerFault("it has published no WireGuard key") }
    guard let key = WireGuardKey(text), !key.isZero else {
      throw PeerFault("its WireGuard key is expected to be 32 bytes in Base64, got \"\(text)\"")
    }
    let secret = configuration.presharedKey.flatMap { WireGuardKey($0) }
    var networks: [IPAddress.Family: Set<Subnet>] = [:]
    for subnet in peer.subnets {
      let isSeparate =
        configuration.wireguardMode == .separate && hasTunnels(own, by: subnet.family) && hasTunnels(peer, by: subnet.family)
      networks[isSeparate ? subnet.family : preferred, default: []].insert(subnet)
    }
    var entries: [KernelEntry] = []
    for (family, subnets) in networks {
      guard let host = peer.publicAddress(family) else { continue }
      let role = role(tunnelsBy: family)
      let endpoint = WireGuardPeer.Endpoint(host, port: port(peer, tunnelsBy: family))
      entries.append(.peer(WireGuardPeer(key, presharedKey: secret, endpoint: endpoint, allowed: subnets), on: role))
      entries += subnets.map { .deviceRoute($0, on: role) }
    }
    return entries
  }
}
