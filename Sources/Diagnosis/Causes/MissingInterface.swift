import Addresses
import CNI
import HostRules
import Inspection
import Routing
import Rulesets

/// The container's interface, or its address, is gone: nobody on the wire has it any more.
enum MissingInterface: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    let wanted = situation.hops.last?.leaving.destination ?? situation.destination
    guard situation.owners(of: wanted).isEmpty, let attachment = attachment(wanted, situation) else { return nil }
    let request = attachment.request, container = request.containerID
    guard let position = situation.host.namespaces.indices.dropFirst().first(where: { situation.host.namespaces[$0].owner.id == container })
    else { return nil }
    let name = situation.name(position)
    let isThere = situation.host.namespaces[position].links.contains { $0.name == request.interfaceName }
    // A version of IP that is switched off has a cause of its own.
    if isThere, wanted.family == .v6, situation.facts(position).setting("ipv6/conf/\(request.interfaceName)/disable_ipv6") == "1" {
      return nil
    }
    let ports = Recorded.ports(attachment).map { port in
      let address = port.hostAddress.map { $0.family == .v4 ? "\($0):" : "[\($0)]:" } ?? ""
      return " -p \(address)\(port.hostPorts.lowerBound):\(port.containerPort)\(port.transport == .tcp ? "" : "/\(port.transport)")"
    }
    let again =
      "netctl cni del \(attachment.network) --container \(container) --ifname \(request.interfaceName) && netctl cni add "
      + "\(attachment.network) --container \(container) --ifname \(request.interfaceName) --netns \(request.networkNamespacePath)\(ports.joined())"
    return Cause(
      "interface-missing",
      isThere
        ? "\(name) has lost its address \(wanted): its \(request.interfaceName) does not have it any more"
        : "\(name) has no \(request.interfaceName) any more: the pair of links that joined it to the host is gone",
      evidence: [
        "recorded by the runtime: \(wanted) on \(request.interfaceName) of network \(attachment.network)",
        situation.command("ip addr show", in: position) + ": " + links(situation, position),
      ],
      fix: again, advice: "attaches the container to its network again")
  }

  private static func attachment(_ address: IPAddress, _ situation: Situation) -> CachedAttachment? {
    situation.host.attachments.first { $0.result.map { Recorded.addresses($0).contains { $0.address == address } } ?? false }
  }

  private static func links(_ situation: Situation, _ position: Int) -> String {
    let view = situation.host.namespaces[position]
    return view.links.map { link in
      ([link.name] + view.addresses(of: link).map(\.address.description)).joined(separator: " ")
    }.joined(separator: ", ")
  }
}
