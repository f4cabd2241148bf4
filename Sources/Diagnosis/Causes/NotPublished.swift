import Addresses
import HostRules
import Inspection
import Rulesets
import Sockets

/// The packet ends on the host, where nothing leads its port to a container.
enum NotPublished: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    // Whoever may not read the rules cannot know what is published.
    guard situation.facts(0).ruleset != nil, let delivery = situation.delivery, delivery.namespace == 0, let port = asked(situation) else {
      return nil
    }
    let address = delivery.arriving.destination, transport = situation.question.transport
    let listeners = situation.facts(0).listeners(transport, port: port)
    guard !listeners.contains(where: { $0.overlaps(address) }) else { return nil }
    let all = situation.host.publishedPorts.map { ($0.port, $0.container) } + situation.foreignPorts.map { ($0.port, $0.container) }
    let suffix = transport == .tcp ? "" : "/\(transport)"
    if let (published, target) = all.first(where: {
      $0.0.transport == transport && $0.0.hostPorts.contains(port) && $0.1.family == address.family
    }),
      let other = published.hostAddress, !other.isUnspecified, other != address
    {
      let name = situation.owners(of: target).first.map { situation.name($0.namespace) } ?? "\(target)"
      let inside = Int(published.containerPort) + Int(port) - Int(published.hostPorts.lowerBound)
      let place = address.family == .v4 ? "\(address)" : "[\(address)]"
      return Cause(
        "published-elsewhere",
        "\(transport) \(port) of \(name) is published on \(other)\(other.isLoopback ? ", so for this host alone," : "") and not on \(address)",
        evidence: ["published: \(published) → \(target):\(inside)", "asked for: \(transport) \(place):\(port)"],
        fix: "netctl publish \(name) \(place):\(port):\(inside)\(suffix)", advice: "publishes it on \(address) too")
    }
    // A server of the host itself that is bound elsewhere has a cause of its own.
    guard listeners.isEmpty else { return nil }
    let candidate = candidate(situation, port)
    return Cause(
      "not-published", "\(transport) \(port) is not published: no rule leads it to a container, and no process of the host listens on it",
      evidence: [
        "published: " + (all.isEmpty ? "nothing" : all.map { "\($0.0) → \($0.1)" }.joined(separator: ", ")),
        candidate.map { "\($0.name) listens on \(transport) \($0.port)" } ?? "no container listens on \(transport)",
      ],
      fix: candidate.map { "netctl publish \($0.name) \(port):\($0.port)\(suffix)" },
      advice: candidate == nil
        ? "start the server, then publish its port: netctl publish CONTAINER \(port):PORT\(suffix)"
        : "publishes the port of the running container")
  }

  private static func asked(_ situation: Situation) -> UInt16? { situation.question.port == nil ? nil : situation.packet.destinationPort }

  /// The container that is probably meant: the one that was named, or the one that listens on such a port, or on any.
  private static func candidate(_ situation: Situation, _ port: UInt16) -> (name: String, port: UInt16)? {
    let origin = situation.originNamespace
    let positions = situation.container.map { [$0] } ?? situation.joined.sorted().filter { $0 != origin && $0 != 0 }
    var any: (name: String, port: UInt16)?
    for position in positions where position != 0 && situation.handle(position) != nil {
      let listeners = situation.facts(position).listeners(situation.question.transport).filter { !$0.address.isLoopback }
      if listeners.contains(where: { $0.port == port }) { return (situation.name(position), port) }
      if any == nil, let first = listeners.first { any = (situation.name(position), first.port) }
    }
    return any
  }
}
