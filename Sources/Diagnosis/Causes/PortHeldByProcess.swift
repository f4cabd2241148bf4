import Addresses
import CNI
import HostRules
import Inspection
import Rulesets
import Sockets

/// A process of the host answers on a port that a container was to have.
enum PortHeldByProcess: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    guard let delivery = situation.delivery, delivery.namespace == 0, situation.question.port != nil else { return nil }
    let port = delivery.arriving.destinationPort, transport = situation.question.transport
    let listeners = situation.facts(0).listeners(transport, port: port).filter { $0.overlaps(delivery.arriving.destination) }
    guard let listener = listeners.first else { return nil }
    for attachment in situation.host.attachments {
      guard let wanted = Recorded.ports(attachment).first(where: { $0.transport == transport && $0.hostPorts.contains(port) }) else {
        continue
      }
      let owners = (try? SocketOwner.holding([listener.inode])) ?? []
      let holder = owners.first.map(\.description) ?? "a process that cannot be seen from here"
      let container = attachment.request.containerID
      let name =
        situation.host.namespaces.indices.first { situation.host.namespaces[$0].owner.id == container }.map(situation.name) ?? container
      return Cause(
        "port-held", "\(transport) \(port) is held by \(holder) of the host, so \(name) does not have it",
        evidence: ["\(listener) is open", "\(name) was attached with \(wanted) → \(wanted.containerPort), which no rule leads to it"],
        fix: owners.first.map { "kill \($0.process) && netctl check \(name) --fix" },
        advice: "ends that process, and puts the port's rule back; or give the container another port")
    }
    return nil
  }
}
