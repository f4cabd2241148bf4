import NFTables

/// Changes to our table while they are collected, in any order.
struct Changes {
  private var deletions = [[Element]](repeating: [], count: SetID.allCases.count)
  private var additions = [[Element]](repeating: [], count: SetID.allCases.count)
  private var chains: [Schema.FilledChain] = []
  private var flushed: [Chain] = []
  /// What is not about our table's elements: done after everything else.
  var rest = Transaction()

  /// Has a chain made, with its rules.
  mutating func add(_ chain: Schema.FilledChain) {
    if !chains.contains(where: { $0.chain.name == chain.chain.name }) { chains.append(chain) }
  }

  /// Has a chain made, or its rules replaced by these.
  mutating func replace(_ chain: Schema.FilledChain, exists: Bool) {
    if exists { flushed.append(chain.chain) }
    chains.append(chain)
  }

  mutating func add(_ entry: Entry) { additions[entry.set.rawValue].append(entry.element) }

  mutating func delete(_ entry: Entry) { deletions[entry.set.rawValue].append(entry.element) }

  /// The changes in an order that works: chains before what jumps to them, old elements before new ones with the same key.
  func write(to transaction: inout Transaction) {
    for chain in flushed { transaction.flush(chain) }
    for chain in chains {
      transaction.add(chain.chain)
      for rule in chain.rules { transaction.add(rule) }
    }
    for id in SetID.allCases {
      let deleted = deletions[id.rawValue], added = additions[id.rawValue]
      if !deleted.isEmpty { transaction.delete(deleted, from: id.definition) }
      // What is there has been read in the same generation: an element that exists nevertheless is an error.
      if !added.isEmpty { transaction.add(added, to: id.definition, exclusive: true) }
    }
    transaction.append(rest)
  }

  /// The changes as a transaction.
  var transaction: Transaction {
    var transaction = Transaction()
    write(to: &transaction)
    return transaction
  }
}
