import Addresses
import Rulesets

/// The packet arrives, and no socket is open for it.
enum NothingListening: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    guard let delivery = situation.delivery, situation.question.port != nil, delivery.obstacle == nil else { return nil }
    let facts = situation.facts(delivery.namespace), transport = situation.question.transport, port = delivery.leaving.destinationPort
    guard facts.listeners(transport, port: port).isEmpty else { return nil }
    let others = facts.listeners(transport).map { "\($0)" }, name = situation.name(delivery.namespace)
    return Cause(
      "nothing-listens", "nothing listens on \(transport) \(port) in \(name)",
      evidence: [
        situation.command("ss -\(transport == .udp ? "u" : "t")ln", in: delivery.namespace) + ": "
          + (others.isEmpty ? "nothing" : others.prefix(6).joined(separator: ", "))
      ],
      fix: nil, advice: "start the server in \(name), or let it listen on port \(port)")
  }
}
