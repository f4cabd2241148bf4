import NFTables

extension HostRules {
  /// Removes the elements that bear the name of one of these attachments although none of its records asks for them, all in one transaction. Those
  /// of attachments without any record stay: nothing says what they want. Answers how many there were.
  @discardableResult
  public mutating func removeStrays(of owners: Set<Owner>) throws -> Int {
    let lock = try records.lock(creating: false)
    var count = 0
    try commit { rules in
      var changes = Changes(), snapshot = Snapshot()
      guard try rules.ruleset.table(Schema.table) != nil else { return changes.transaction }
      let wanted = try rules.allConcerns().filter { owners.contains($0.key) }
      let strays = try rules.strays(wanted, &snapshot).map(\.entry)
      count = strays.count
      try rules.remove(strays, [], &snapshot, &changes)
      return changes.transaction
    }
    _ = consume lock
    return count
  }

  /// Elements with the name of one of these attachments that it does not want.
  mutating func strays(_ wanted: [Owner: [Concern]], _ snapshot: inout Snapshot) throws -> [(owner: Owner, entry: Entry)] {
    let owners = Dictionary(wanted.keys.map { ($0.label, $0) }, uniquingKeysWith: { $1 })
    var places: [Entry.Place: Set<String>] = [:]
    for (owner, concerns) in wanted {
      for entry in concerns.flatMap({ $0.entries(owner) }) { places[entry.place, default: []].insert(owner.label) }
    }
    var strays: [(Owner, Entry)] = []
    for set in Concern.Kind.allCases.flatMap(SetID.owned) {
      for element in try snapshot.read(set, from: &ruleset) {
        guard let label = element.comment, let owner = owners[label] else { continue }
        let entry = Entry(set, element)
        if places[entry.place]?.contains(label) != true { strays.append((owner, entry)) }
      }
    }
    return strays.sorted { ($0.0.label, $0.1.description) < ($1.0.label, $1.1.description) }
  }
}
