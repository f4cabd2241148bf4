import Addresses
import Inspection
import Routing

/// Finds who is at the other end of a wire.
struct Switchboard {
  private let situation: Situation
  private var host: HostView { situation.host }

  init(_ situation: Situation) { self.situation = situation }

  /// From a link to whoever has an address behind it.
  func cross(from namespace: Int, _ link: Link, to address: IPAddress) -> Crossing {
    let neighbor = situation.facts(namespace).neighbors.first { $0.linkIndex == link.index && $0.address == address }
    if link.kind == "bridge" {
      return bridged(namespace, link, input: nil, address, neighbor)
    }
    guard let peer = host.peer(of: link, in: namespace) else {
      return Crossing(bridge: nil, target: nil, owners: [], leavesHost: true, neighbor: neighbor, address: address)
    }
    if let master = host.master(of: peer.link, in: peer.namespace), master.kind == "bridge" {
      return bridged(peer.namespace, master, input: peer.link, address, neighbor)
    }
    let hasAddress = host.namespaces[peer.namespace].addresses.contains { $0.address.address == address }
    let target = Crossing.Owner(namespace: peer.namespace, linkIndex: peer.link.index)
    return Crossing(
      bridge: nil, target: hasAddress ? target : nil, owners: hasAddress ? [target] : [], leavesHost: false, neighbor: neighbor,
      address: address)
  }

  private func bridged(_ namespace: Int, _ bridge: Link, input: Link?, _ address: IPAddress, _ neighbor: Neighbor?) -> Crossing {
    var owners: [(owner: Crossing.Owner, port: Link?, link: Link)] = []
    if host.namespaces[namespace].addresses.contains(where: { $0.address.address == address && $0.linkIndex == bridge.index }) {
      owners.append((.init(namespace: namespace, linkIndex: bridge.index), nil, bridge))
    }
    var hasOutside = false
    for port in host.namespaces[namespace].links where port.masterIndex == bridge.index {
      guard let peer = host.peer(of: port, in: namespace) else {
        hasOutside = true
        continue
      }
      let view = host.namespaces[peer.namespace]
      if view.addresses.contains(where: { $0.address.address == address && $0.linkIndex == peer.link.index }) {
        owners.append((.init(namespace: peer.namespace, linkIndex: peer.link.index), port, peer.link))
      }
    }
    // Where several have it, the one that the kernel remembers gets it.
    let chosen = owners.first { $0.link.macAddress == neighbor?.macAddress } ?? owners.first
    return Crossing(
      bridge: .init(namespace: namespace, link: bridge, input: input, output: chosen?.port), target: chosen?.owner,
      owners: owners.map(\.owner), leavesHost: chosen == nil && hasOutside, neighbor: neighbor, address: address)
  }
}
