import Addresses
import Inspection
import Routing
import Rulesets

/// Somebody sends larger packets than a link on the same wire passes on. Small ones arrive, large ones vanish without an answer.
enum TooLargeMTU: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.allHops where hop.input == nil {
      guard let output = hop.output, let crossing = hop.crossing else { continue }
      var wire = [crossing.bridge?.link, crossing.bridge?.input, crossing.bridge?.output].compactMap { $0 }
      if let target = crossing.target, let link = situation.host.link(target.linkIndex, in: target.namespace) { wire.append(link) }
      if wire.isEmpty, let peer = situation.host.peer(of: output, in: hop.namespace) { wire.append(peer.link) }
      guard let narrow = wire.min(by: { $0.mtu < $1.mtu }), narrow.mtu < output.mtu else { continue }
      let address = hop.arriving.destination, facts = situation.facts(hop.namespace), header = address.family == .v4 ? 28 : 48
      let attempt = { (size: UInt32) in (try? facts.inside { Probe.echo(to: address, size: Int(size)) }) ?? .notMade("") }
      guard attempt(narrow.mtu) == .answered, attempt(output.mtu) == .timedOut else { continue }
      let command = { (size: UInt32) in situation.command("ping -M do -s \(Int(size) - header) -c 1 \(address)", in: hop.namespace) }
      let name = situation.name(hop.namespace)
      return Cause(
        "mtu-too-large",
        "large packets of \(name) vanish: its \(output.name) sends up to \(output.mtu) bytes, \(narrow.name) passes \(narrow.mtu)",
        evidence: ["\(command(output.mtu)): no answer", "\(command(narrow.mtu)): answered"],
        fix: situation.command("ip link set \(output.name) mtu \(narrow.mtu)", in: hop.namespace),
        advice: "lets \(name) send no larger ones")
    }
    return nil
  }
}
