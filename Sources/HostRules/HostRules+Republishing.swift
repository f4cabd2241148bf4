import Addresses
import NFTables

extension HostRules {
  /// Gives several attachments other published ports than they have, in one transaction: a port that one loses and another gains leads from one
  /// packet to the next to the other container, and never nowhere. Nil or no ports takes all away.
  ///
  /// Throws `PortConflict` if a port is held by an attachment that keeps it; then, as after any error, nothing has changed. Attachments that are not
  /// named do not inherit anything.
  public mutating func republish(_ changes: [Owner: Publication?]) throws {
    let lock = try records.lock(creating: true)
    let wanted = changes.compactMapValues { publication in publication.flatMap { $0.ports.isEmpty ? nil : $0 } }
    var previous: [Owner: Record] = [:]
    for owner in changes.keys {
      if let record = try records.read(owner, .publication), record.namespace == records.namespace { previous[owner] = record }
    }
    var isRecorded = false
    do {
      try commit { rules in
        try rules.ensureBase(for: [])
        let transaction = try rules.plan(wanted, insteadOf: previous).transaction
        if !isRecorded {
          isRecorded = true
          for (owner, publication) in wanted {
            var record = Record(owner, .publication(publication), namespace: rules.records.namespace)
            record.successors = previous[owner]?.successors ?? []
            try rules.records.write(record)
          }
        }
        return transaction
      }
    } catch {
      if isRecorded {
        for owner in wanted.keys {
          if let record = previous[owner] { try records.write(record) } else { try records.remove(owner, .publication) }
        }
      }
      try records.removeEmptyFolders()
      throw error
    }
    for owner in changes.keys where wanted[owner] == nil { try records.remove(owner, .publication) }
    try records.removeEmptyFolders()
    _ = consume lock
  }

  private mutating func plan(_ wanted: [Owner: Publication], insteadOf previous: [Owner: Record]) throws -> Changes {
    var changes = Changes(), snapshot = Snapshot()
    let old = previous.flatMap { owner, record in record.concern.entries(owner) }
    let new = wanted.sorted { $0.key.label < $1.key.label }.flatMap { owner, publication in Concern.publication(publication).entries(owner)
    }
    try snapshot.read((old + new).map(\.place), from: &ruleset)
    let places = Dictionary(new.map { ($0.place, $0) }) { first, _ in first }
    // What goes, or changes hands, is no conflict.
    let leaving = old.filter { entry in snapshot[entry.place]?.comment == entry.element.comment }
      .filter { places[$0.place]?.element.comment != $0.element.comment }
    var remaining = Snapshot(hiding: Set(leaving.map(\.place)))
    for (owner, publication) in wanted { try refuseConflicts(Concern.publication(publication).entries(owner), owner, &remaining) }
    for publication in wanted.values {
      for chain in Concern.publication(publication).chains where try ruleset.chain(chain.chain) == nil { changes.add(chain) }
    }
    var removed: [Entry] = [], added: [Entry] = [], done: Set<Entry.Place> = [], deleted: Set<Entry.Place> = []
    for entry in leaving where places[entry.place] == nil {
      guard let existing = snapshot[entry.place], deleted.insert(Entry(entry.set, existing).place).inserted else { continue }
      changes.delete(Entry(entry.set, existing))
      removed.append(entry)
    }
    for entry in new where done.insert(entry.place).inserted {
      guard let existing = snapshot[entry.place] else {
        changes.add(entry)
        added.append(entry)
        continue
      }
      if entry.matches(existing) { continue }
      let holder = existing.comment.flatMap { Owner(label: $0) }
      // Another attachment of the same container has the port already: it stays there.
      if let own = entry.element.comment.flatMap({ Owner(label: $0) }), let holder, holder != own, holder.isSameContainer(as: own),
        previous[holder] == nil, Claim(entry) != nil
      {
        continue
      }
      // A range around the new one may be gone already.
      if deleted.insert(Entry(entry.set, existing).place).inserted { changes.delete(Entry(entry.set, existing)) }
      changes.add(entry)
      if existing.comment != entry.element.comment {
        removed.append(Entry(entry.set, existing))
        added.append(entry)
      }
    }
    try number(added: added, removed: removed, &snapshot, &changes)
    for (owner, publication) in wanted {
      try gate([.publication(publication)], insteadOf: previous[owner].map { [$0.concern] } ?? [], owner, &changes)
    }
    for (owner, record) in previous where wanted[owner] == nil { try gate([], insteadOf: [record.concern], owner, &changes) }
    return changes
  }
}
