import Addresses
import CNI
import Inspection
import Routing
import Rulesets

/// A link on the way is switched off.
enum LinkDown: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (namespace, link) in chain(situation) where !link.isUp {
      let place = namespace == 0 ? "of the host" : "of \(situation.name(namespace))"
      var fix = situation.command("ip link set \(link.name) up", in: namespace)
      // Going down has taken the routes along.
      if namespace != 0,
        let attachment = situation.host.attachments.first(where: { $0.request.containerID == situation.host.namespaces[namespace].owner.id }
        ),
        let result = attachment.result,
        let gateway = Recorded.addresses(result).compactMap({ Recorded.gateway(result, of: $0) }).first(where: {
          $0.family == situation.packet.family
        })
      {
        fix += " && " + situation.command("ip route replace default via \(gateway)", in: namespace)
      }
      return Cause(
        "link-down", "\(link.name) \(place) is switched off",
        evidence: [situation.command("ip link show \(link.name)", in: namespace) + ": state DOWN"],
        fix: fix, advice: "switches it on")
    }
    return nil
  }

  /// The links between the host and the container that is meant, whether or not the packet gets there, and those of the way.
  private static func chain(_ situation: Situation) -> [(Int, Link)] {
    var links: [(Int, Link)] = []
    let wanted = [situation.hops.last?.leaving.destination, situation.destination].compactMap { $0 }
    let ends =
      wanted.flatMap { situation.owners(of: $0) }
      + (situation.originNamespace.map { namespace in
        namespace == 0 ? [] : situation.host.namespaces[namespace].interfaces.map { (namespace, $0) }
      } ?? [])
    for end in ends where end.0 != 0 {
      links.append((end.0, end.1))
      guard let peer = situation.host.peer(of: end.1, in: end.0) else { continue }
      links.append((peer.namespace, peer.link))
      if let master = situation.host.master(of: peer.link, in: peer.namespace) { links.append((peer.namespace, master)) }
    }
    for hop in situation.allHops {
      if let output = hop.output { links.append((hop.namespace, output)) }
    }
    return links
  }
}
