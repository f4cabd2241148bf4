import NFTables

extension HostRules {
  /// Keeps what the attachments of a bridge share: `isolated_bridges` as long as one of them is not open, `same_bridge` as long as one has
  /// that policy. Where an attachment goes, all of them are read.
  mutating func shareBridges(added: [Entry], removed: [Entry], _ snapshot: inout Snapshot, _ changes: inout Changes) throws {
    let isAttachment = { (entry: Entry) in entry.set == .attached }
    let added = added.filter(isAttachment).compactMap { HostRules.isolation($0.element) }
    let gone = removed.filter(isAttachment)
    var bridges: [String: Set<Isolation.Policy>] = [:]
    for isolation in added { bridges[isolation.bridge, default: []].insert(isolation.policy) }
    if !gone.isEmpty {
      for isolation in gone.compactMap({ HostRules.isolation($0.element) }) { bridges[isolation.bridge, default: []] = [] }
      for element in try snapshot.read(SetID.attached, from: &ruleset) where !gone.contains(where: { $0.element.key == element.key }) {
        guard let isolation = HostRules.isolation(element), bridges[isolation.bridge] != nil else { continue }
        bridges[isolation.bridge]?.insert(isolation.policy)
      }
      for isolation in added { bridges[isolation.bridge]?.insert(isolation.policy) }
    }
    for (bridge, policies) in bridges {
      let shared = HostRules.sharedEntries(bridge)
      try snapshot.read(shared.map(\.entry.place), from: &ruleset)
      for (entry, needed) in shared {
        let isNeeded = policies.contains { needed.contains($0) }
        if isNeeded && snapshot[entry.place] == nil { changes.add(entry) }
        if !isNeeded && !gone.isEmpty && snapshot[entry.place] != nil { changes.delete(entry) }
      }
    }
  }

  /// What a bridge's attachments share, and for which policies.
  static func sharedEntries(_ bridge: String) -> [(entry: Entry, policies: Set<Isolation.Policy>)] {
    [
      (Entry(SetID.isolatedBridges, Element(Fields(.interface(bridge)))), [.sameBridge, .isolated]),
      (Entry(SetID.sameBridge, Element(Fields(.interface(bridge), .interface(bridge)))), [.sameBridge]),
    ]
  }

  /// What an element of `attached` says.
  static func isolation(_ element: Element) -> Isolation? {
    guard case .interface(let bridge)? = element.key.fields(SetID.attached.definition.key)?.first,
      case .verdict(let verdict)? = element.value,
      let policy = Isolation.Policy(verdict)
    else { return nil }
    return Isolation(policy, bridge: bridge)
  }
}
