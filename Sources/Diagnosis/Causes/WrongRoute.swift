import Addresses
import Inspection
import Linux
import Routing
import Rulesets

/// There is no route, or one that leads elsewhere: a VPN's, for example.
enum WrongRoute: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (position, hop) in situation.allHops.enumerated() {
      let destination = hop.leaving.destination, isAnswer = position >= situation.hops.count
      switch hop.way {
      case .refused(let code)?: if let cause = missing(hop, destination, code, isAnswer, situation) { return cause }
      case .route(let route)? where [6, 7, 8].contains(route.type):
        if let cause = missing(hop, destination, .networkUnreachable, isAnswer, situation) { return cause }
      case .route(let route)?: if let cause = stolen(hop, destination, route, isAnswer, position, situation) { return cause }
      case nil: continue
      }
    }
    return nil
  }

  private static func missing(_ hop: Hop, _ destination: IPAddress, _ code: Errno, _ isAnswer: Bool, _ situation: Situation) -> Cause? {
    // What rp_filter drops has a cause of its own.
    guard code != .otherDevice else { return nil }
    let name = situation.name(hop.namespace)
    var fix: String?
    if let link = rightful(destination, hop, situation) {
      fix = "ip route replace \(host(destination)) dev \(link.name)"
    } else if hop.namespace != 0, let gateway = gateway(hop, destination, situation) {
      fix = "ip route replace default via \(gateway)"
    }
    let question =
      hop.input.map { "ip route get \(destination) from \(hop.arriving.source) iif \($0.name)" } ?? "ip route get \(destination)"
    return Cause(
      "no-route", "\(name) has no route to \(destination)\(isAnswer ? ", so that no answer comes back" : "")",
      evidence: [situation.command(question, in: hop.namespace) + ": \(code)"], fix: fix.map { situation.command($0, in: hop.namespace) },
      advice: fix == nil ? "give \(name) a route to it" : "gives \(name) the route")
  }

  private static func stolen(
    _ hop: Hop, _ destination: IPAddress, _ route: Route, _ isAnswer: Bool, _ position: Int, _ situation: Situation
  ) -> Cause? {
    guard !hop.isLocal, route.type == 1, let output = hop.output, let right = rightful(destination, hop, situation),
      right.index != output.index
    else { return nil }
    let name = situation.name(hop.namespace), network = rightfulNetwork(destination, right, hop, situation)
    let fix =
      route.table == 254 ? "ip route replace \(host(destination)) dev \(right.name)" : "ip rule add to \(network) lookup main priority 5"
    return Cause(
      "route-taken",
      "\(name) sends what is for \(destination) to \(output.name) instead of \(right.name): a more specific route or rule takes it",
      evidence: [
        situation.command("ip route get \(destination)", in: hop.namespace) + ": dev \(output.name)"
          + (route.gateway.map { " via \($0)" } ?? "") + " table \(route.table)"
      ], fix: situation.command(fix, in: hop.namespace), advice: "leads it to \(right.name) again\(isAnswer ? ", the answers too" : "")")
  }

  /// The link of a namespace behind which somebody who has the address is, or whose own network it is in.
  private static func rightful(_ destination: IPAddress, _ hop: Hop, _ situation: Situation) -> Link? {
    for owner in situation.owners(of: destination) where owner.namespace != hop.namespace {
      guard let peer = situation.host.peer(of: owner.link, in: owner.namespace) else { continue }
      let link = situation.host.master(of: peer.link, in: peer.namespace) ?? peer.link
      if peer.namespace == hop.namespace, link.isUp { return link }
    }
    let view = situation.host.namespaces[hop.namespace]
    let own = view.addresses.filter { $0.address.prefixLength < $0.address.family.bitCount && $0.address.contains(destination) }
      .max { $0.address.prefixLength < $1.address.prefixLength }
    return own.flatMap { situation.host.link($0.linkIndex, in: hop.namespace) }.flatMap { $0.isUp ? $0 : nil }
  }

  private static func rightfulNetwork(_ destination: IPAddress, _ link: Link, _ hop: Hop, _ situation: Situation) -> String {
    let own = situation.host.namespaces[hop.namespace].addresses(of: link).map(\.address).first { $0.contains(destination) }
    return own.map { "\($0.network)" } ?? host(destination)
  }

  private static func host(_ address: IPAddress) -> String { "\(address)/\(address.family.bitCount)" }

  /// The host's address on the container's network.
  private static func gateway(_ hop: Hop, _ destination: IPAddress, _ situation: Situation) -> IPAddress? {
    let view = situation.host.namespaces[hop.namespace]
    for link in view.interfaces {
      guard let peer = situation.host.peer(of: link, in: hop.namespace) else { continue }
      let near = situation.host.master(of: peer.link, in: peer.namespace) ?? peer.link
      for own in view.addresses(of: link).map(\.address) where own.family == destination.family {
        let there = situation.host.namespaces[peer.namespace].addresses(of: near).map(\.address.address)
        if let gateway = there.first(where: { own.contains($0) }) { return gateway }
      }
    }
    return nil
  }
}
