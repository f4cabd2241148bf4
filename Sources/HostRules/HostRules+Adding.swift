import Addresses
import NFTables
import Netlink

extension HostRules {
  /// Does for an attachment what it wants, all of it or nothing, and records it. What it wanted before of the same kinds is replaced.
  ///
  /// Throws `PortConflict` if a port is held by another attachment; then, as after any error, nothing has changed.
  public mutating func add(_ concerns: [Concern], for owner: Owner) throws {
    let lock = try records.lock(creating: true)
    try addLocked(concerns, for: owner)
    _ = consume lock
  }

  /// Does once more what is recorded of an attachment; nothing for one that has no records, as after DEL. Answers whether it has any.
  @discardableResult
  public mutating func renew(_ owner: Owner) throws -> Bool {
    let lock = try records.lock(creating: false)
    let concerns = try concerns(of: owner)
    if !concerns.isEmpty { try addLocked(concerns, for: owner) }
    _ = consume lock
    return !concerns.isEmpty
  }

  private mutating func addLocked(_ concerns: [Concern], for owner: Owner) throws {
    var previous: [Record] = []
    for concern in concerns {
      if let record = try records.read(owner, concern.kind), record.namespace == records.namespace { previous.append(record) }
    }
    var recorded = false
    do {
      try commit { rules in
        try rules.ensureBase(for: concerns)
        var holders: Set<Owner> = []
        let changes = try rules.plan(concerns, for: owner, insteadOf: previous.map(\.concern), &holders)
        if !recorded {
          recorded = true
          for concern in concerns {
            var record = Record(owner, concern, namespace: rules.records.namespace)
            record.successors = previous.first { $0.concern.kind == concern.kind }?.successors ?? []
            try rules.records.write(record)
          }
          for holder in holders { try rules.records.append(owner, toSuccessorsOf: holder) }
        }
        return changes.transaction
      }
    } catch {
      if recorded { try forget(concerns, of: owner, for: previous) } else { try records.removeEmptyFolders() }
      throw error
    }
  }

  /// Puts back the records from before a failure.
  private func forget(_ concerns: [Concern], of owner: Owner, for previous: [Record]) throws {
    for concern in concerns {
      if let record = previous.first(where: { $0.concern.kind == concern.kind }) {
        try records.write(record)
      } else {
        try records.remove(owner, concern.kind)
      }
    }
  }

  /// What has to change so that the attachment has what it wants. Ports that another attachment of the same container holds stay with it: `holders`.
  private mutating func plan(
    _ concerns: [Concern], for owner: Owner, insteadOf previous: [Concern], _ holders: inout Set<Owner>
  ) throws -> Changes {
    var changes = Changes(), snapshot = Snapshot()
    let wanted = concerns.flatMap { $0.entries(owner) }
    let old = previous.isEmpty ? [] : replaced(previous, by: wanted, owner)
    try snapshot.read(wanted.map(\.place) + old.map(\.place), from: &ruleset)
    try refuseConflicts(wanted, owner, &snapshot)
    for chain in concerns.flatMap(\.chains) where try ruleset.chain(chain.chain) == nil { changes.add(chain) }
    let label = owner.label
    var removed: [Entry] = [], added: [Entry] = []
    for entry in wanted {
      // What attachments share is looked at even where the attachment's own element is as it should be.
      let existing = snapshot[entry.place], hasShare = entry.set == .attached
      if let existing, let holder = Publication.holder(of: entry, existing), holder != owner, holder.isSameContainer(as: owner) {
        holders.insert(holder)
        continue
      }
      if hasShare || existing?.comment != label { added.append(entry) }
      if let existing, entry.matches(existing) { continue }
      if let existing {
        changes.delete(Entry(entry.set, existing))
        if hasShare { removed.append(Entry(entry.set, existing)) }
      }
      changes.add(entry)
    }
    for entry in old {
      guard let existing = snapshot[entry.place], existing.comment == label else { continue }
      changes.delete(Entry(entry.set, existing))
      removed.append(entry)
    }
    try number(added: added, removed: removed, &snapshot, &changes)
    try shareBridges(added: added, removed: removed, &snapshot, &changes)
    try link(concerns, insteadOf: previous, owner, &snapshot, &changes)
    try gate(concerns, insteadOf: previous, owner, &changes)
    for case .spoofCheck(let check) in concerns { try addSpoofCheck(check, owner, &changes) }
    return changes
  }

  /// What was wanted before and is not any more.
  private func replaced(_ previous: [Concern], by wanted: [Entry], _ owner: Owner) -> [Entry] {
    let places = Set(wanted.map(\.place))
    return previous.flatMap { $0.entries(owner) }.filter { !places.contains($0.place) }
  }
}
