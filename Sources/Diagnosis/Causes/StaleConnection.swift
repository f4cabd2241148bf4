import Addresses
import Conntrack
import Rulesets

/// Connection tracking still leads packets of an old exchange to where the port led before. Clients that keep their port never get out of it.
enum StaleConnection: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    guard situation.question.transport == .udp, situation.question.port != nil else { return nil }
    for hop in situation.hops {
      let packet = hop.arriving
      let filter = ConnectionFilter(
        packet.family, .udp, original: .init(destination: packet.destination, destinationPort: packet.destinationPort))
      let stale = (situation.facts(hop.namespace).connections(filter) ?? []).filter { entry in
        (entry.reply.source, entry.reply.sourcePort) != (hop.leaving.destination, hop.leaving.destinationPort)
      }
      guard let first = stale.first else { continue }
      let flush = "conntrack -D -p udp -d \(packet.destination) --dport \(packet.destinationPort)"
      return Cause(
        "stale-connection",
        "clients that asked before are still led to \(first.reply.source):\(first.reply.sourcePort), not to \(hop.leaving.destination):\(hop.leaving.destinationPort)",
        evidence: stale.prefix(3).map { "tracked: \($0)" }, fix: situation.command(flush, in: hop.namespace),
        advice: "forgets these exchanges; the next packet is led as the rules say now")
    }
    return nil
  }
}
