import Addresses
import Routing
import Rulesets
import Sockets

/// A server is there, but listens on another address than the one that is asked.
enum BoundElsewhere: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    guard let delivery = situation.delivery, situation.question.port != nil, delivery.obstacle == nil else { return nil }
    let transport = situation.question.transport, port = delivery.leaving.destinationPort, address = delivery.leaving.destination
    let listeners = situation.facts(delivery.namespace).listeners(transport, port: port)
    guard let listener = listeners.first, !listeners.contains(where: { $0.overlaps(address) }) else { return nil }
    let name = situation.name(delivery.namespace), any = address.family == .v4 ? "0.0.0.0" : "[::]"
    var fix: String?
    if listener.address.isLoopback, address.family == .v4, listener.address.family == .v4 {
      let interface = delivery.input?.name ?? "all"
      fix = situation.command(
        "sh -c 'sysctl -qw net.ipv4.conf.\(interface).route_localnet=1; iptables -t nat -I PREROUTING -d \(address) -p \(transport) --dport \(port) "
          + "-j DNAT --to-destination \(listener.address):\(port)'", in: delivery.namespace)
    }
    return Cause(
      "bound-elsewhere", "the server in \(name) listens on \(listener.address) only, not on \(address)",
      evidence: [situation.command("ss -\(transport == .udp ? "u" : "t")ln", in: delivery.namespace) + ": \(listener)"], fix: fix,
      advice: fix == nil
        ? "let the server listen on \(any):\(port)"
        : "leads the packets to it until the next start; better let the server listen on \(any):\(port)")
  }
}
