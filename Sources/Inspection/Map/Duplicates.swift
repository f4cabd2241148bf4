internal import Addresses
internal import Routing

/// Addresses that several namespaces have on the same bridge.
struct Duplicates {
  private struct Place: Hashable {
    let bridge: HostView.End
    let address: IPAddress
  }

  private var holders: [IPAddress: [(bridge: HostView.End, namespace: Int)]] = [:]

  init(_ host: HostView) {
    var all: [Place: [Int]] = [:]
    for (place, namespace) in host.namespaces.enumerated().dropFirst() {
      for link in namespace.interfaces where link.kind == "veth" {
        guard let peer = host.peer(of: link, in: place), let bridge = peer.link.masterIndex else { continue }
        for address in namespace.addresses(of: link) {
          all[Place(bridge: HostView.End(namespace: peer.namespace, link: bridge), address: address.address.address), default: []].append(
            place)
        }
      }
    }
    for (place, namespaces) in all where Set(namespaces).count > 1 {
      holders[place.address, default: []] += namespaces.map { (place.bridge, $0) }
    }
  }

  /// Who else has an address where a namespace has it.
  func others(_ address: IPAddress, _ namespace: Int, _ host: HostView) -> [Int] {
    let all = holders[address] ?? []
    let bridges = Set(all.filter { $0.namespace == namespace }.map(\.bridge))
    return Set(all.filter { bridges.contains($0.bridge) && $0.namespace != namespace }.map(\.namespace)).sorted()
  }
}
