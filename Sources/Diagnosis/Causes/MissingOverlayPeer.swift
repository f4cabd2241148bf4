import Routing

/// The route leads into a VXLAN, and nothing says which host is behind it.
enum MissingOverlayPeer: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.allHops {
      guard let output = hop.output, output.kind == "vxlan", let address = hop.nextAddress else { continue }
      let facts = situation.facts(hop.namespace), place = situation.name(hop.namespace)
      let neighbor = facts.neighbors.first { $0.linkIndex == output.index && $0.address == address }
      let show = situation.command("ip neigh show \(address) dev \(output.name)", in: hop.namespace)
      guard let mac = neighbor?.macAddress, neighbor?.state.contains(.failed) == false else {
        return Cause(
          "overlay-peer-missing", "\(place) does not know who has \(address) in the overlay \(output.name)",
          evidence: [show + ": " + (neighbor == nil ? "nothing" : "FAILED")], fix: nil,
          advice: "the daemon of the overlay writes it: see whether it runs here and there (overlayd, flanneld)")
      }
      let hasEntry = facts.forwardingEntries.contains { $0.linkIndex == output.index && ($0.macAddress == mac && $0.address != nil) }
      if !hasEntry, output.vxlan?.remote == nil {
        return Cause(
          "overlay-peer-missing", "\(place) does not know which host \(mac) of the overlay \(output.name) is on",
          evidence: [situation.command("bridge fdb show dev \(output.name)", in: hop.namespace) + ": no entry for \(mac)"], fix: nil,
          advice: "the daemon of the overlay writes it: see whether it runs here and there (overlayd, flanneld)")
      }
    }
    return nil
  }
}
