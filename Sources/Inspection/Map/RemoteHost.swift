internal import Addresses
internal import Glibc
internal import Routing
internal import WireGuard

/// Another host, which a link of this one leads to.
struct RemoteHost {
  /// Its address.
  let name: String
  /// By what it is reached.
  let type: String
  /// What for: networks and Ethernet addresses.
  var facts: [String]

  /// The hosts that a tunnel's device sends to; nil for any other link.
  static func behind(_ link: Link, _ namespace: NamespaceView) -> [RemoteHost]? {
    if let vxlan = link.vxlan { return behind(link, vxlan, namespace) }
    guard link.kind == WireGuardSocket.kind else { return nil }
    return namespace.wireGuardDevices.first { $0.linkIndex == link.index }.map {
      $0.peers.map(RemoteHost.init).sorted { $0.name < $1.name }
    }
  }

  /// The hosts that overlayd's routes lead to without a tunnel, each with the link that they go by.
  static func direct(_ namespace: NamespaceView) -> [(link: Link, host: RemoteHost)] {
    var found: [(link: Link, gateway: IPAddress, host: RemoteHost)] = []
    for route in namespace.overlayRoutes {
      guard let gateway = route.gateway, let link = namespace.links.first(where: { $0.index == route.linkIndex }), link.vxlan == nil,
        link.kind != WireGuardSocket.kind
      else { continue }
      if let place = found.firstIndex(where: { $0.gateway == gateway && $0.link.index == link.index }) {
        found[place].host.facts.append("\(route.destination)")
      } else {
        found.append((link, gateway, RemoteHost(name: "\(gateway)", type: "overlay host", facts: ["\(route.destination)"])))
      }
    }
    return found.sorted { $0.gateway < $1.gateway }.map { ($0.link, $0.host) }
  }

  private static func behind(_ link: Link, _ vxlan: VXLANState, _ namespace: NamespaceView) -> [RemoteHost] {
    var facts: [IPAddress: [String]] = [:]
    func add(_ address: IPAddress, _ fact: String) {
      if facts[address]?.contains(fact) != true { facts[address, default: []].append(fact) }
    }
    if let remote = vxlan.remote, !remote.isUnspecified { add(remote, remote.isMulticast ? "multicast group" : "everything unknown") }
    for entry in namespace.forwarding where entry.linkIndex == link.index {
      guard let address = entry.address, !address.isUnspecified else { continue }
      let isDefault = entry.macAddress.map { $0.bytes.allSatisfy { $0 == 0 } } ?? true
      // What it is the way to stands before who that is.
      if !isDefault { for subnet in subnets(behind: entry.macAddress, link, namespace) { add(address, "\(subnet)") } }
      add(address, isDefault ? "everything unknown" : entry.macAddress.map { "\($0)" } ?? "")
    }
    return facts.sorted { $0.key < $1.key }.map { address, all in
      RemoteHost(
        name: "\(address)", type: "VXLAN peer", facts: all.count > 4 ? Array(all.prefix(3)) + ["and \(all.count - 3) more addresses"] : all)
    }
  }

  /// The networks whose router has an Ethernet address.
  private static func subnets(behind mac: MACAddress?, _ link: Link, _ namespace: NamespaceView) -> [Subnet] {
    let routers = namespace.tunnelNeighbors.filter { $0.linkIndex == link.index && $0.macAddress == mac }.compactMap(\.address)
    return namespace.overlayRoutes.filter { route in
      route.linkIndex == link.index && route.gateway.map { routers.contains($0) } == true
    }.map(\.destination)
  }
}

extension RemoteHost {
  fileprivate init(_ peer: WireGuardState.Peer) {
    name = peer.peer.endpoint.map { "\($0.address)" } ?? peer.peer.publicKey.description
    type = "WireGuard peer"
    facts = peer.peer.allowed.map(\.description).sorted()
    if let port = peer.peer.endpoint?.port { facts.append("UDP port \(port)") }
    facts.append(peer.lastHandshake.map { "keys agreed on \(max(0, Int64(time(nil)) - $0)) s ago" } ?? "no keys agreed on yet")
  }
}
