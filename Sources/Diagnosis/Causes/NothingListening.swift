import Addresses
import HostRules
import Inspection
import Rulesets
import Sockets

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
      fix: move(situation, delivery, port), advice: advice(situation, delivery, port))
  }

  /// Leads the published port to the one port that is served, if there is only one.
  private static func move(_ situation: Situation, _ delivery: Hop, _ port: UInt16) -> String? {
    let address = delivery.leaving.destination, transport = situation.question.transport
    let served = Set(situation.facts(delivery.namespace).listeners(transport).filter { !$0.address.isLoopback }.map(\.port))
    let held = situation.host.publishedPorts.first {
      $0.owner != nil && $0.container == address && $0.port.transport == transport && $0.port.hostPorts.count == 1
        && $0.port.containerPort == port
    }
    guard let other = served.first, served.count == 1, let held, situation.handle(delivery.namespace) != nil else { return nil }
    let name = situation.name(delivery.namespace), number = held.port.hostPorts.lowerBound,
      suffix = transport == .tcp ? "" : "/\(transport)"
    let place = held.port.singleAddress.map { $0.family == .v4 ? "\($0):" : "[\($0)]:" } ?? ""
    return "netctl unpublish \(name) \(place)\(number)\(suffix) && netctl publish \(name) \(place)\(number):\(other)\(suffix)"
  }

  private static func advice(_ situation: Situation, _ delivery: Hop, _ port: UInt16) -> String {
    let name = situation.name(delivery.namespace)
    return move(situation, delivery, port) == nil
      ? "start the server in \(name), or let it listen on port \(port)"
      : "leads it to the port that \(name) serves; the other way is to let the server listen on port \(port)"
  }
}
