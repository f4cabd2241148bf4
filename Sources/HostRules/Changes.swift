import NFTables

/// Changes to our table while they are collected, in any order.
struct Changes {
  private var deletions: [String: [Element]] = [:]
  private var additions: [String: [Element]] = [:]
  private(set) var chains: [Schema.FilledChain] = []
  /// What is not about our table's elements: done after everything else.
  var rest = Transaction()

  /// Has a chain made, with its rules.
  mutating func add(_ chain: Schema.FilledChain) {
    if !chains.contains(where: { $0.chain.name == chain.chain.name }) { chains.append(chain) }
  }

  mutating func add(_ entry: Entry) { additions[entry.set.name, default: []].append(entry.element) }

  mutating func delete(_ entry: Entry) { deletions[entry.set.name, default: []].append(entry.element) }

  /// The changes in an order that works: chains before what jumps to them, old elements before new ones with the same key.
  func write(to transaction: inout Transaction) {
    for chain in chains {
      transaction.add(chain.chain)
      for rule in chain.rules { transaction.add(rule) }
    }
    for set in Schema.allSets {
      if let elements = deletions[set.name] { transaction.delete(elements, from: set) }
      // What is there has been read in the same generation: an element that exists nevertheless is an error.
      if let elements = additions[set.name] { transaction.add(elements, to: set, exclusive: true) }
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
