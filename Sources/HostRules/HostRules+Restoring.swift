import NFTables

extension HostRules {
  /// Puts back whatever is missing of what the recorded attachments want, and of the table itself, in one transaction: for after somebody
  /// else's `nft flush ruleset`. Answers how many elements were put back. Connections go on meanwhile.
  @discardableResult
  public mutating func restore() throws -> Int {
    let lock = try records.lock()
    let count = try rebuild()
    try records.removeEmptyFolders()
    _ = consume lock
    return count
  }

  /// What is recorded and not there. Whoever has a place already keeps it.
  mutating func missingEntries(tableExists: Bool) throws -> (Changes, count: Int) {
    var changes = Changes(), snapshot = Snapshot(), added: [Entry] = [], taken: Set<Entry.Place> = []
    for record in try records.all() {
      for chain in record.concern.chains where try !tableExists || ruleset.chain(chain.chain) == nil { changes.add(chain) }
      if case .spoofCheck(let check) = record.concern { try addSpoofCheck(check, record.owner, &changes) }
      let entries = record.concern.entries(record.owner)
      if tableExists { for set in Set(entries.map(\.set)) { try snapshot.read(set, from: &ruleset) } }
      for entry in entries where snapshot[entry.place] == nil && taken.insert(entry.place).inserted { added.append(entry) }
    }
    for entry in added { changes.add(entry) }
    if tableExists {
      try snapshot.read(Schema.singleAddressPorts, from: &ruleset)
      for set in [Schema.isolatedBridges, Schema.sameBridge] { try snapshot.read(set, from: &ruleset) }
    } else {
      for set in Schema.allSets { snapshot.assumeEmpty(set) }
    }
    try number(added: added, removed: [], &snapshot, &changes)
    try shareBridges(added: added, removed: [], &snapshot, &changes)
    return (changes, added.count)
  }
}
