import Addresses
import Linux
import Rulesets

/// Makes the live attempt, from the right namespace.
struct Prober {
  private let situation: Situation

  init(_ situation: Situation) { self.situation = situation }

  func probe() -> Probe.Result {
    let question = situation.question
    guard let namespace = situation.originNamespace else { return inner() }
    let source: IPAddress?
    if case .address(let address) = question.origin { source = address } else { source = nil }
    return attempt(in: namespace, situation.destination, situation.packet.destinationPort, source)
  }

  /// Somebody outside cannot be imitated. What can be tried is the way from the host to the container.
  private func inner() -> Probe.Result {
    guard let delivery = situation.delivery, delivery.namespace != 0 else {
      return .notMade("nothing can be sent from the LAN by a host itself")
    }
    return attempt(in: 0, delivery.arriving.destination, delivery.arriving.destinationPort, nil)
  }

  private func attempt(in namespace: Int, _ address: IPAddress, _ port: UInt16, _ source: IPAddress?) -> Probe.Result {
    do {
      return try situation.facts(namespace).inside {
        situation.question.port == nil
          ? Probe.echo(to: address, size: 64) : Probe.attempt(situation.question.transport, to: address, port, from: source)
      }
    } catch { return .notMade("\(error)") }
  }
}
