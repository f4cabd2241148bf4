import Addresses
import Inspection
import Routing
import Rulesets
import Sockets

/// Tells a walk, a line for each fact.
struct Narration {
  private let situation: Situation

  init(_ situation: Situation) { self.situation = situation }

  func steps() -> [Step] {
    var steps = [beginning]
    for hop in situation.hops { steps += self.steps(hop) }
    if let delivery = situation.delivery { steps += socket(delivery) }
    for answer in situation.answers { steps += answerSteps(answer) }
    if let probe = situation.probe { steps.append(self.step(probe)) }
    return steps
  }

  private func end(_ address: IPAddress, _ port: UInt16) -> String {
    guard situation.question.port != nil else { return "\(address)" }
    return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }

  private var beginning: Step {
    let packet = situation.packet, transport = situation.question.port == nil ? "" : "\(situation.question.transport) "
    let source = situation.hops.first?.arriving.source ?? packet.source
    let from = situation.originNamespace.map { situation.name($0) } ?? "LAN"
    let text = "\(transport)\(source.isUnspecified ? "" : "\(source) ")→ \(end(packet.destination, packet.destinationPort))"
    return Step(from, "packet", text + (situation.entrance.map { ", comes in by \($0.name)" } ?? ""), .neutral)
  }

  private func steps(_ hop: Hop) -> [Step] {
    let place = situation.name(hop.namespace)
    var steps: [Step] = []
    if let link = hop.input, !link.isUp { steps.append(Step(place, "link", "\(link.name) is switched off", .bad)) }
    steps += translations(hop, place)
    if let obstacle = hop.before, !obstacle.passes { return steps + rules(hop) }
    steps.append(route(hop, place))
    steps += forwarding(hop, place)
    if hop.hasHiddenRules { steps.append(Step(place, "firewall", "its rules cannot be read without root's rights", .unknown)) }
    steps += rules(hop)
    if let crossing = hop.crossing, hop.obstacle == nil || hop.bridged?.passes == false { steps += wire(hop, crossing, place) }
    return steps
  }

  /// Where rules change addresses.
  private func translations(_ hop: Hop, _ place: String) -> [Step] {
    hop.passages.flatMap { passage in
      passage.evaluation.steps.compactMap { step -> Step? in
        switch step.effect {
        case .redirected(let address, let port):
          return Step(place, "published", "leads to \(end(address, port)) (\(step.chain.title))", .fine)
        case .disguised(let address):
          return Step(place, "source", "becomes \(address ?? hop.leaving.source) (\(step.chain.title))", .neutral)
        default: return nil
        }
      }
    }
  }

  private func route(_ hop: Hop, _ place: String) -> Step {
    switch hop.way {
    case .route(let route)?:
      if hop.isLocal { return Step(place, "route", "\(hop.leaving.destination) is its own address") }
      if [6, 7, 8].contains(route.type) { return Step(place, "route", "a route refuses \(hop.leaving.destination)", .bad) }
      let via = route.gateway.map { " via \($0)" } ?? "", table = route.table == 254 ? "" : ", table \(route.table)"
      return Step(place, "route", "\(hop.leaving.destination)\(via) dev \(hop.output?.name ?? "?")\(table)")
    case .refused(let code)?: return Step(place, "route", "none to \(hop.leaving.destination): \(code)", .bad)
    case nil: return Step(place, "route", "cannot be asked for", .unknown)
    }
  }

  /// Whether the kernel passes on what is not for itself; said only where it does not.
  private func forwarding(_ hop: Hop, _ place: String) -> [Step] {
    guard !hop.isLocal, let input = hop.input else { return [] }
    let isIPv6 = hop.arriving.family == .v6
    let value = situation.facts(hop.namespace).setting(isIPv6 ? "ipv6/conf/all/forwarding" : "ipv4/conf/\(input.name)/forwarding")
    return value == "0" ? [Step(place, "forwarding", "\(isIPv6 ? "IPv6" : "IPv4") is off", .bad)] : []
  }

  private func rules(_ hop: Hop) -> [Step] {
    let passages = hop.passages, place = situation.name(hop.namespace)
    var steps: [Step] = []
    if let obstacle = hop.obstacle, let decision = obstacle.evaluation.decision, let ruleset = situation.facts(obstacle.namespace).ruleset {
      let words = decision.rule.map { ruleset.words($0, in: decision.chain.table) } ?? "policy drop"
      steps.append(Step(situation.name(obstacle.namespace), "firewall", "\(decision.chain.title), \(obstacle.hook): \(words)", .bad))
    } else if !passages.isEmpty {
      let count = passages.reduce(0) { $0 + $1.evaluation.baseChainCount }
      if count > 0 {
        steps.append(
          Step(
            place, "firewall",
            "\(count == 1 ? "1 base chain lets" : "\(count) base chains let") it pass (\(passages.map(\.hook).joined(separator: ", ")))"))
      }
    }
    for passage in passages {
      for doubt in passage.evaluation.uncertain {
        guard case .decided(let outcome) = doubt.effect, outcome != .accepted, let rule = doubt.rule,
          let ruleset = situation.facts(passage.namespace).ruleset
        else { continue }
        let words = ruleset.words(rule, in: doubt.chain.table)
        steps.append(
          Step(situation.name(passage.namespace), "firewall", "\(doubt.chain.title): \(words): cannot be told whether it matches", .unknown)
        )
      }
    }
    if let tables = situation.facts(hop.namespace).ruleset?.legacyTables, !tables.isEmpty {
      steps.append(Step(place, "firewall", "tables of iptables-legacy are not looked into: \(tables.joined(separator: ", "))", .unknown))
    }
    return steps
  }

  private func wire(_ hop: Hop, _ crossing: Crossing, _ place: String) -> [Step] {
    var steps: [Step] = []
    let neighbor = crossing.neighbor?.macAddress.map { "\(crossing.address) is \($0)" }
    if let neighbor, let entry = crossing.neighbor {
      let macs = crossing.owners.compactMap { situation.host.link($0.linkIndex, in: $0.namespace)?.macAddress }
      let isWrong = !macs.isEmpty && !macs.contains { $0 == entry.macAddress }
      steps.append(Step(place, "neighbour", neighbor + (isWrong ? ", which nobody has" : ""), isWrong ? .bad : .fine))
    } else if crossing.target == nil, crossing.neighbor?.state.contains(.failed) == true {
      steps.append(Step(place, "neighbour", "\(crossing.address) does not answer", .bad))
    }
    if let bridge = crossing.bridge {
      let ports = [bridge.input?.name, bridge.output?.name].compactMap { $0 }
      let isBad =
        [bridge.input, bridge.output].contains { $0.map { !$0.isUp || $0.port?.isForwarding == false } ?? false } || !bridge.link.isUp
      let text = "\(bridge.link.name)\(ports.isEmpty ? "" : ", \(ports.count == 1 ? "port" : "ports") \(ports.joined(separator: " → "))")"
      steps.append(
        Step(situation.name(bridge.namespace), "bridge", text + (isBad ? ": does not forward" : ""), isBad ? .bad : .fine))
    }
    if crossing.target == nil, !crossing.leavesHost {
      steps.append(Step(place, "neighbour", "nobody that can be seen behind \(hop.output?.name ?? "it") has \(crossing.address)", .bad))
    } else if crossing.leavesHost {
      steps.append(Step(place, "wire", "leaves this host by \(hop.output?.name ?? "?")", .neutral))
    }
    return steps
  }

  private func socket(_ delivery: Hop) -> [Step] {
    guard situation.question.port != nil, delivery.obstacle == nil else { return [] }
    let place = situation.name(delivery.namespace), transport = situation.question.transport, port = delivery.leaving.destinationPort
    let listeners = situation.facts(delivery.namespace).listeners(transport, port: port)
    guard let listener = listeners.first(where: { $0.overlaps(delivery.leaving.destination) }) else {
      let other = listeners.first.map { "only \($0) listens" } ?? "nothing listens on \(transport) \(port)"
      // Rules that cannot be read may lead it elsewhere.
      return [Step(place, "socket", other, delivery.hasHiddenRules ? .unknown : .bad)]
    }
    let owner = (try? SocketOwner.holding([listener.inode]))?.first
    return [Step(place, "socket", "\(listener)\(owner.map { ", \($0)" } ?? "")")]
  }

  private func answerSteps(_ hop: Hop) -> [Step] {
    let place = situation.name(hop.namespace)
    if let obstacle = hop.obstacle, let decision = obstacle.evaluation.decision, let ruleset = situation.facts(obstacle.namespace).ruleset {
      let words = decision.rule.map { ruleset.words($0, in: decision.chain.table) } ?? "policy drop"
      return [Step(situation.name(obstacle.namespace), "answer", "\(decision.chain.title), \(obstacle.hook): \(words)", .bad)]
    }
    switch hop.way {
    case .refused(let code)?: return [Step(place, "answer", "no way back to \(hop.leaving.destination): \(code)", .bad)]
    case .route(let route)?:
      if hop.isLocal { return [] }
      return [
        Step(place, "answer", "to \(hop.leaving.destination)\(route.gateway.map { " via \($0)" } ?? "") dev \(hop.output?.name ?? "?")")
      ]
    case nil: return []
    }
  }

  private func step(_ probe: Probe.Result) -> Step {
    let isWhole = situation.originNamespace != nil
    let place = situation.name(situation.originNamespace ?? 0)
    let part = isWhole ? "" : ", tried from the host to the container: nothing can be sent from the LAN by this host itself"
    switch probe {
    case .connected: return Step(place, "probe", "a TCP connection came about\(part)")
    case .answered: return Step(place, "probe", "was answered\(part)")
    case .silence: return Step(place, "probe", "a datagram was sent; no error came back in a second, and no answer\(part)", .neutral)
    case .timedOut: return Step(place, "probe", "no answer\(part)", .bad)
    case .failed(let code): return Step(place, "probe", "\(code)\(part)", .bad)
    case .notMade(let reason): return Step(place, "probe", "not made: \(reason)", .unknown)
    }
  }
}
