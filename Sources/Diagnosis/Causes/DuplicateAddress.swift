import Addresses
import CNI
import Inspection
import Routing

/// Two on the same wire have the same address, and which of them is asked is a matter of luck.
enum DuplicateAddress: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (_, crossing) in situation.crossings where crossing.owners.count > 1 {
      let rightful = crossing.owners.first { owner in isRecorded(owner, crossing, situation) } ?? crossing.owners[0]
      guard let wrong = crossing.owners.first(where: { $0 != rightful }),
        let link = situation.host.link(wrong.linkIndex, in: wrong.namespace),
        let entry = situation.host.namespaces[wrong.namespace].addresses.first(where: {
          $0.linkIndex == wrong.linkIndex && $0.address.address == crossing.address
        })
      else { continue }
      let forget = crossing.bridge.map { bridge in
        situation.command("ip neigh flush to \(crossing.address) dev \(bridge.link.name)", in: bridge.namespace)
      }
      return Cause(
        "duplicate-address",
        "\(crossing.address) is twice on \(crossing.bridge?.link.name ?? "the same wire"): in \(situation.name(rightful.namespace)) and in \(situation.name(wrong.namespace))",
        evidence: crossing.owners.map { owner in
          let link = situation.host.link(owner.linkIndex, in: owner.namespace)
          return "\(situation.name(owner.namespace)): \(crossing.address) on \(link?.name ?? "?"), \(link?.macAddress?.description ?? "")"
        } + (crossing.neighbor?.macAddress.map { ["the last answer came from \($0)"] } ?? []),
        fix: ([situation.command("ip addr del \(entry.address) dev \(link.name)", in: wrong.namespace)] + (forget.map { [$0] } ?? []))
          .joined(separator: " && "),
        advice: "takes it from \(situation.name(wrong.namespace)), which no runtime has given it")
    }
    return nil
  }

  /// Whether a runtime has written down that the address is that namespace's.
  private static func isRecorded(_ owner: Crossing.Owner, _ crossing: Crossing, _ situation: Situation) -> Bool {
    guard let id = situation.host.namespaces[owner.namespace].owner.id else { return owner.namespace == 0 }
    return situation.host.attachments.contains { entry in
      entry.request.containerID == id && (entry.result.map { Recorded.addresses($0).contains { $0.address == crossing.address } } ?? false)
    }
  }
}
