import NFTables

extension HostRules {
  /// Removes everything that belongs to a network's attachments, except to those that are kept; answers the owners whose things were removed.
  ///
  /// Only what names the network in its owner is touched. `kinds` leaves out what other plugins of the network look after.
  @discardableResult
  public mutating func collectGarbage(
    _ kinds: [Concern.Kind] = Concern.Kind.allCases, network: String, keeping: Set<Owner>
  ) throws -> Set<Owner> {
    let lock = try records.lock(creating: false)
    let kept = Set(keeping.map(\.label)), name = network, network = Owner.folder(network)
    let isGarbage = { (label: String?) -> Bool in
      guard let label, let owner = Owner(label: label) else { return false }
      return owner.networkPart == network && !kept.contains(label)
    }
    var removed: Set<Owner> = []
    let heirs = try records.all(network: network).filter { kinds.contains($0.concern.kind) && isGarbage($0.owner.label) }
      .compactMap { try records.heir(of: $0) { !isGarbage($0.label) } }
    let linked = !kinds.contains(.links) ? [] : try records.all(network: name, kind: .links).filter { isGarbage($0.owner.label) }
    let addresses = Set(linked.flatMap(\.concern.linkedAddresses))
    try commit { rules in
      var changes = Changes(), snapshot = Snapshot(), garbage: [Entry] = []
      removed = []
      if kinds.contains(.spoofCheck) { removed.formUnion(try rules.removeSpoofChecks(isGarbage, &changes)) }
      if try rules.ruleset.table(Schema.table) != nil {
        for set in kinds.flatMap(SetID.owned) {
          garbage += try snapshot.read(set, from: &rules.ruleset).filter { isGarbage($0.comment) }.map { Entry(set, $0) }
        }
        try rules.remove(garbage, heirs, &snapshot, &changes)
        if kinds.contains(.links) {
          for set in SetID.links {
            for case let label? in try snapshot.read(set, from: &rules.ruleset).map(\.comment) where isGarbage(label) {
              if let owner = Owner(label: label) { removed.insert(owner) }
            }
          }
          try rules.unlink(name, addresses, &snapshot, &changes, isGarbage)
        }
        if kinds.contains(.publication) { try rules.remove(rules.gates(isGarbage), &changes) }
        removed.formUnion(garbage.compactMap { Owner(label: $0.element.comment ?? "") })
      }
      return changes.transaction
    }
    for heir in heirs { try records.write(heir.record) }
    removed.formUnion(try records.remove(kinds, network: network, where: isGarbage))
    _ = consume lock
    return removed
  }
}
