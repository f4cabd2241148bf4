import Addresses
import NFTables

extension HostRules {
  /// Removes what an attachment has of these kinds, and its records. What is not there is no error; what another attachment has taken over
  /// meanwhile stays.
  ///
  /// With a record only the attachment's own elements are read; without one, all elements of these kinds.
  public mutating func remove(_ kinds: [Concern.Kind] = Concern.Kind.allCases, of owner: Owner) throws {
    let lock = try records.lock()
    var recorded: [Concern] = [], unrecorded: [Concern.Kind] = []
    for kind in kinds {
      if let record = try records.read(owner, kind), record.namespace == records.namespace {
        recorded.append(record.concern)
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
      try rules.remove(own.filter { $0.element.comment == label }, &snapshot, &changes)
      let unknown = unrecorded.contains(.publication) ? IPAddress.Family.allCases.map { Schema.gateChain($0, owner) } : []
      try rules.remove(recorded.flatMap { $0.gates(owner) }.map(\.chain) + unknown, &changes)
      return changes.transaction
    }
    for kind in kinds { try records.remove(owner, kind) }
    try records.removeEmptyFolders()
    _ = consume lock
  }

  /// Has elements removed, with what is shared and numbered because of them.
  mutating func remove(_ entries: [Entry], _ snapshot: inout Snapshot, _ changes: inout Changes) throws {
    for entry in entries { changes.delete(entry) }
    try number(added: [], removed: entries, &snapshot, &changes)
    try shareBridges(added: [], removed: entries, &snapshot, &changes)
  }
}
