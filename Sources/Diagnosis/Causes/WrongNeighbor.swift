import Inspection
import Routing

/// The kernel sends to an Ethernet address that nobody has any more, or has asked and heard nothing.
enum WrongNeighbor: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (hop, crossing) in situation.crossings {
      guard let neighbor = crossing.neighbor, let output = hop.output else { continue }
      if let owner = crossing.owners.first, let link = situation.host.link(owner.linkIndex, in: owner.namespace),
        let mac = neighbor.macAddress,
        let own = link.macAddress, mac != own, !neighbor.state.contains(.failed),
        !crossing.owners.contains(where: { situation.host.link($0.linkIndex, in: $0.namespace)?.macAddress == mac })
      {
        let isPermanent = neighbor.state.contains(.permanent)
        return Cause(
          "wrong-neighbour",
          "\(situation.name(hop.namespace)) sends what is for \(crossing.address) to \(mac), which nobody has; it is at \(own)",
          evidence: [
            situation.command("ip neigh show \(crossing.address) dev \(output.name)", in: hop.namespace)
              + ": \(mac)\(isPermanent ? " PERMANENT" : "")",
            "\(link.name) of \(situation.name(owner.namespace)): \(own)",
          ],
          fix: situation.command("ip neigh del \(crossing.address) dev \(output.name)", in: hop.namespace),
          advice: "lets the kernel ask again")
      }
      if crossing.leavesHost, output.kind != "vxlan", neighbor.state.contains(.failed) {
        return Cause(
          "no-neighbour", "nobody on \(output.name) answers for \(crossing.address)",
          evidence: [situation.command("ip neigh show \(crossing.address) dev \(output.name)", in: hop.namespace) + ": FAILED"], fix: nil,
          advice: "see whether that host is switched on, and in the same network")
      }
    }
    return nil
  }
}
