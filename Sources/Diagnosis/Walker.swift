import Addresses
import Inspection
import Linux
import NFTables
import Routing
import Rulesets

/// Takes a packet from namespace to namespace, asking each kernel table what it would do.
struct Walker {
  private let situation: Situation

  init(_ situation: Situation) { self.situation = situation }

  /// Fills in the hops there and, if it arrives, those back.
  func walk() {
    var hop = Hop(namespace: situation.originNamespace ?? 0, input: situation.entrance, arriving: situation.packet)
    for _ in 0..<8 {
      pass(&hop)
      situation.hops.append(hop)
      guard let target = hop.crossing?.target, target.namespace != hop.namespace, hop.obstacle == nil,
        let link = situation.host.link(target.linkIndex, in: target.namespace)
      else { break }
      var packet = hop.leaving
      packet.input = .init(name: link.name, index: link.index)
      packet.output = nil
      // Each namespace tracks connections and keeps marks by itself.
      (packet.state, packet.status, packet.mark, packet.connectionMark) = (.new, 0, 0, 0)
      hop = Hop(namespace: target.namespace, input: link, arriving: packet)
    }
    if situation.delivery != nil || situation.hops.last?.crossing?.leavesHost == true { back() }
  }

  private func prepared(_ packet: Packet, _ namespace: Int) -> Packet {
    var packet = packet
    let addresses = situation.host.namespaces[namespace].addresses
    packet.localAddresses = Set(addresses.map(\.address.address))
    packet.broadcastAddresses = Set(
      addresses.filter { $0.address.family == .v4 && $0.address.prefixLength < 31 }.map(\.address.lastAddress))
    return packet
  }

  private func evaluate(_ packet: Packet, _ hook: Hook, _ hop: inout Hop) -> Evaluation? {
    guard let ruleset = situation.facts(hop.namespace).ruleset else {
      hop.hasHiddenRules = true
      return nil
    }
    return ruleset.evaluate(packet, at: hook)
  }

  /// What becomes of a packet in a namespace.
  private func pass(_ hop: inout Hop) {
    let facts = situation.facts(hop.namespace), isMade = hop.input == nil
    var packet = prepared(hop.arriving, hop.namespace)
    if isMade {
      let first = facts.way(RouteQuery(to: packet.destination, mark: packet.mark))
      guard let route = first?.route else {
        hop.way = first
        return
      }
      if packet.source.isUnspecified, let source = source(for: route, hop.namespace, packet.destination) { packet.source = source }
      hop.arriving.source = packet.source
      packet.output = link(route, hop.namespace).map { .init(name: $0.name, index: $0.index) }
    }
    hop.before = evaluate(packet, isMade ? .output : .prerouting, &hop)
    packet = hop.before?.packet ?? packet
    hop.leaving = packet
    if hop.before?.passes == false { return }
    hop.way = facts.way(
      isMade
        ? RouteQuery(to: packet.destination, mark: packet.mark)
        : RouteQuery(to: packet.destination, from: packet.source, inputIndex: hop.input?.index, mark: packet.mark))
    guard let route = hop.way?.route else { return }
    hop.isLocal = route.type == 2
    hop.output = link(route, hop.namespace)
    guard !hop.isLocal else {
      packet.output = nil
      if isMade { packet.input = loopback(hop.namespace) }
      hop.middle = evaluate(packet, .input, &hop)
      hop.leaving = packet
      return
    }
    guard [1, 3, 4, 5].contains(route.type) else { return }
    packet.output = hop.output.map { .init(name: $0.name, index: $0.index) }
    if !isMade {
      hop.middle = evaluate(packet, .forward, &hop)
      packet = hop.middle?.packet ?? packet
      hop.leaving = packet
      if hop.middle?.passes == false { return }
    }
    var leaving = packet
    if !isMade { leaving.input = nil }
    hop.after = evaluate(leaving, .postrouting, &hop)
    leaving = hop.after?.packet ?? leaving
    if case .disguised(let address)? = hop.after?.disguise, let output = hop.output {
      leaving.source =
        address ?? situation.host.namespaces[hop.namespace].addresses(of: output).map(\.address.address)
        .first { $0.family == packet.family } ?? leaving.source
    }
    hop.leaving = leaving
    if hop.after?.passes == false { return }
    hop.nextAddress = route.gateway ?? packet.destination
    if let output = hop.output, let next = hop.nextAddress {
      hop.crossing = Switchboard(situation).cross(from: hop.namespace, output, to: next)
      hop.bridged = passBridge(hop, packet)
    }
  }

  /// Frames from port to port meet the bridge's own chains, and, where the kernel is told so, those of IP.
  private func passBridge(_ hop: Hop, _ packet: Packet) -> Evaluation? {
    guard let bridge = hop.crossing?.bridge, bridge.input != nil, bridge.output != nil else { return nil }
    let facts = situation.facts(bridge.namespace), isIPv6 = packet.family == .v6
    guard let ruleset = facts.ruleset else { return nil }
    var packet = prepared(packet, bridge.namespace)
    packet.input = bridge.input.map { .init(name: $0.name, index: $0.index) }
    packet.output = bridge.output.map { .init(name: $0.name, index: $0.index) }
    let frames = ruleset.evaluate(packet, at: .forward, [.bridge])
    guard frames.passes, facts.setting("bridge/bridge-nf-call-\(isIPv6 ? "ip6tables" : "iptables")") == "1" else {
      return frames.baseChainCount == 0 ? nil : frames
    }
    packet.input = .init(name: bridge.link.name, index: bridge.link.index)
    packet.output = packet.input
    return ruleset.evaluate(packet, at: .forward)
  }

  private func loopback(_ namespace: Int) -> Packet.Interface? {
    situation.host.namespaces[namespace].links.first { $0.flags.contains(.loopback) }.map { .init(name: $0.name, index: $0.index) }
  }

  private func link(_ route: Route, _ namespace: Int) -> Link? { route.linkIndex.flatMap { situation.host.link($0, in: namespace) } }

  /// The source address of a packet that has none yet.
  private func source(for route: Route, _ namespace: Int, _ destination: IPAddress) -> IPAddress? {
    if route.type == 2 { return destination }
    if let source = route.source { return source }
    let view = situation.host.namespaces[namespace]
    let own = link(route, namespace).map { view.addresses(of: $0) } ?? []
    return (own + view.addresses).map(\.address.address).first { $0.family == destination.family && !$0.isLoopback }
  }

  /// The answer's way, hop by hop in the other direction; translation is undone as connection tracking does.
  private func back() {
    for (position, hop) in situation.hops.enumerated().reversed() {
      var packet = prepared(hop.leaving.answer, hop.namespace)
      packet.status = hop.leaving.status
      packet.destination = hop.arriving.source
      packet.destinationPort = hop.arriving.sourcePort
      packet.output = nil
      let isMade = hop.isLocal, isLast = position == 0 && hop.input == nil
      packet.input = isMade ? nil : hop.output.map { .init(name: $0.name, index: $0.index) }
      var answer = Hop(namespace: hop.namespace, input: isMade ? nil : hop.output, arriving: packet)
      answer.isLocal = isLast
      let facts = situation.facts(hop.namespace)
      // Host and container in one: nothing comes back from anywhere.
      if isMade && isLast { continue }
      // What has come back to a loopback address has been let in by connection tracking, not by a route.
      answer.way =
        isLast && packet.destination.isLoopback
        ? nil
        : facts.way(
          isMade
            ? RouteQuery(to: packet.destination, mark: packet.mark)
            : RouteQuery(to: packet.destination, from: packet.source, inputIndex: hop.output?.index, mark: packet.mark))
      let link = answer.way?.route.flatMap { self.link($0, hop.namespace) }
      answer.output = isLast ? nil : link
      packet.output = answer.output.map { .init(name: $0.name, index: $0.index) }
      // Before routing, the addresses are still those on the wire.
      var wire = packet
      if !isMade { (wire.destination, wire.destinationPort) = (hop.leaving.source, hop.leaving.sourcePort) }
      answer.before = evaluate(wire, isMade ? .output : .prerouting, &answer)
      if !isMade { answer.middle = evaluate(packet, isLast ? .input : .forward, &answer) }
      if !isLast {
        var leaving = packet
        leaving.input = nil
        answer.after = evaluate(leaving, .postrouting, &answer)
      }
      answer.leaving = packet
      if let route = answer.way?.route, let output = answer.output {
        let next = route.gateway ?? packet.destination
        answer.nextAddress = next
        answer.crossing = Switchboard(situation).cross(from: hop.namespace, output, to: next)
        answer.bridged = passBridge(answer, packet)
      }
      situation.answers.append(answer)
      if answer.way?.route == nil && !isLast || answer.obstacle != nil { break }
    }
  }
}
