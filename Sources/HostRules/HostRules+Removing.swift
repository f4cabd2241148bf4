import Addresses
import NFTables

extension HostRules {
  /// Removes what an attachment has of these kinds, and its records. What is not there is no error; what another attachment has taken over
  /// meanwhile stays.
  ///
  /// With a record only the attachment's own elements are read; without one, all elements of these kinds.
  public mutating func remove(_ kinds: [Concern.Kind] = Concern.Kind.allCases, of owner: Owner) throws {
    let lock = try records.lock(creating: false)
    var recorded: [Concern] = [], unrecorded: [Concern.Kind] = [], heirs: [Heir] = []
    for kind in kinds {
      if let record = try records.read(owner, kind), record.namespace == records.namespace {
        recorded.append(record.concern)
        if let heir = try records.heir(of: record, where: { _ in true }) { heirs.append(heir) }
      } else {
        unrecorded.append(kind)
      }
    }
    try commit { rules in
      var changes = Changes(), snapshot = Snapshot()
      if kinds.contains(.spoofCheck) { try rules.removeSpoofCheck(owner, &changes) }
      guard try rules.ruleset.table(Schema.table) != nil else { return changes.transaction }
      let places = recorded.flatMap { $0.entries(owner) }.map(\.place)
      try snapshot.read(places, from: &rules.ruleset)
      var own = places.compactMap { place in snapshot[place].map { Entry(place.set, $0) } }
      for set in unrecorded.flatMap(SetID.owned) { own += try snapshot.read(set, from: &rules.ruleset).map { Entry(set, $0) } }
      let label = owner.label
      try rules.remove(own.filter { $0.element.comment == label }, heirs, &snapshot, &changes)
      if kinds.contains(.links) {
        let addresses = Set(recorded.flatMap(\.linkedAddresses))
        try rules.unlink(owner.network, addresses, &snapshot, &changes) { $0 == label }
      }
      let unknown = unrecorded.contains(.publication) ? IPAddress.Family.allCases.map { Schema.gateChain($0, owner) } : []
      try rules.remove(recorded.flatMap { $0.gates(owner) }.map(\.chain) + unknown, &changes)
      return changes.transaction
    }
    for heir in heirs { try records.write(heir.record) }
    for kind in kinds { try records.remove(owner, kind) }
    try records.removeEmptyFolders(owner.networkPart)
    _ = consume lock
  }

  /// Has elements removed, with what is shared and numbered because of them. Heirs get those that they have been waiting for.
  mutating func remove(_ entries: [Entry], _ heirs: [Heir], _ snapshot: inout Snapshot, _ changes: inout Changes) throws {
    for entry in entries { changes.delete(entry) }
    let freed = Set(entries.map(\.place))
    let inherited = heirs.flatMap(\.entries).filter { freed.contains($0.place) && Claim($0) != nil }
    for entry in inherited { changes.add(entry) }
    try number(added: inherited, removed: entries, &snapshot, &changes)
    try shareBridges(added: [], removed: entries, &snapshot, &changes)
  }
}
