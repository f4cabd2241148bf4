import Addresses
import CNI
import Inspection
import Routing
import Rulesets

/// IPv6 does not work in the container: its address was found to be somebody else's, or the protocol is switched off.
enum BrokenIPv6: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    let wanted = situation.hops.last?.leaving.destination ?? situation.destination
    guard wanted.family == .v6 else { return nil }
    return duplicate(wanted, situation) ?? switchedOff(wanted, situation)
  }

  private static func duplicate(_ wanted: IPAddress, _ situation: Situation) -> Cause? {
    for position in situation.joined.sorted().dropFirst() {
      let view = situation.host.namespaces[position]
      guard let entry = view.addresses.first(where: { $0.address.address == wanted && $0.isDuplicate }),
        let link = situation.host.link(entry.linkIndex, in: position)
      else { continue }
      let other = situation.owners(of: wanted).first { $0.namespace != position }
      let id = view.owner.id
      let gateway = situation.host.attachments.first { $0.request.containerID == id }?.result.flatMap {
        Recorded.gateway($0, of: entry.address)
      }
      // The default route may have gone with the address.
      let route = gateway.map { "; ip route replace default via \($0)" } ?? ""
      let again = "sh -c 'ip addr del \(entry.address) dev \(link.name); ip addr add \(entry.address) dev \(link.name) nodad\(route)'"
      var fix = situation.command(again, in: position)
      if let peer = situation.host.peer(of: link, in: position) {
        let near = situation.host.master(of: peer.link, in: peer.namespace) ?? peer.link
        fix += " && " + situation.command("ip neigh flush to \(wanted) dev \(near.name)", in: peer.namespace)
      }
      if let other { fix = situation.command("ip addr del \(entry.address) dev \(other.link.name)", in: other.namespace) + " && " + fix }
      let name = situation.name(position)
      return Cause(
        "ipv6-duplicate",
        "\(name) cannot use \(wanted): somebody else on the network answered that the address is theirs\(other.map { " (\(situation.name($0.namespace)))" } ?? "")",
        evidence: [situation.command("ip -6 addr show dev \(link.name)", in: position) + ": \(entry.address) dadfailed"],
        fix: fix,
        advice: other == nil ? "takes the address all the same; find who else has it" : "takes it from the other one, and into use here")
    }
    return nil
  }

  private static func switchedOff(_ wanted: IPAddress, _ situation: Situation) -> Cause? {
    guard situation.owners(of: wanted).isEmpty else { return nil }
    for attachment in situation.host.attachments {
      guard let result = attachment.result, let recorded = Recorded.addresses(result).first(where: { $0.address == wanted }),
        let position = situation.joined.sorted().dropFirst().first(where: {
          situation.host.namespaces[$0].owner.id == attachment.request.containerID
        })
      else { continue }
      let interface = attachment.request.interfaceName, setting = "net.ipv6.conf.\(interface).disable_ipv6"
      guard situation.facts(position).setting("ipv6/conf/\(interface)/disable_ipv6") == "1" else { continue }
      let route = Recorded.gateway(result, of: recorded).map { "; ip route replace default via \($0)" } ?? ""
      let words = "sh -c 'sysctl -qw \(setting)=0; ip addr add \(recorded) dev \(interface) nodad\(route)'"
      return Cause(
        "ipv6-disabled", "IPv6 is switched off on \(interface) of \(situation.name(position)), so that it has lost \(wanted)",
        evidence: [situation.command("sysctl \(setting)", in: position) + ": 1"], fix: situation.command(words, in: position),
        advice: "switches it on, and gives back address and route")
    }
    return nil
  }
}
