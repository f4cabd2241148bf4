import NFTables

extension HostRules {
  /// Puts back whatever is missing of what the recorded attachments want, and of the table itself, in one transaction: for after somebody
  /// else's `nft flush ruleset`. Answers how many elements were put back. Connections go on meanwhile.
  @discardableResult
  public mutating func restore() throws -> Int {
    let lock = try records.lock(creating: false)
    let count = try rebuild()
    try records.removeEmptyFolders()
    _ = consume lock
    return count
  }

  /// What is recorded and not there. Whoever has a place already keeps it.
  mutating func missingEntries(tableExists: Bool) throws -> (Changes, count: Int) {
    var changes = Changes(), snapshot = Snapshot()
    for set in SetID.allCases {
      if tableExists { try snapshot.read(set, from: &ruleset) } else { snapshot.assumeEmpty(set) }
    }
    var added: [Entry] = [], there: [Entry] = [], taken: Set<Entry.Place> = []
    let all = try records.all()
    for record in all {
      for chain in record.concern.chains where try !tableExists || ruleset.chain(chain.chain) == nil { changes.add(chain) }
      for gate in record.concern.gates(record.owner) { try ensure(gate, tableExists: tableExists, &changes) }
      if case .spoofCheck(let check) = record.concern { try addSpoofCheck(check, record.owner, &changes) }
      for entry in record.concern.entries(record.owner) {
        if let existing = snapshot[entry.place] {
          if entry.matches(existing) { there.append(entry) }
        } else if taken.insert(entry.place).inserted {
          added.append(entry)
        }
      }
    }
    for entry in HostRules.linkEntries(all) where snapshot[entry.place] == nil && taken.insert(entry.place).inserted {
      added.append(entry)
    }
    for entry in added { changes.add(entry) }
    try number(added: added + unnumbered(there, &snapshot), removed: [], &snapshot, &changes)
    try shareBridges(added: added + there, removed: [], &snapshot, &changes)
    return (changes, added.count)
  }

  /// Those elements of `published_at` that lack their number.
  private mutating func unnumbered(_ entries: [Entry], _ snapshot: inout Snapshot) throws -> [Entry] {
    var numbered: [SingleAddressPort: [String]] = [:]
    var lacking: [Entry] = []
    for entry in entries {
      guard let port = SingleAddressPort(entry) else { continue }
      var holders = try numbered[port] ?? holders(port, &snapshot)
      if let position = holders.firstIndex(of: entry.element.comment ?? "") {
        holders.remove(at: position)
      } else {
        lacking.append(entry)
      }
      numbered[port] = holders
    }
    return lacking
  }
}
