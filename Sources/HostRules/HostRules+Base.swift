import NFTables
import Netlink

extension HostRules {
  /// Whether the last chain of the base is there with all its rules, in this version: two more requests would not say more at a lower price.
  ///
  /// For a policy the forward chain is looked at too: without its rules containers would be open although nothing else is missing.
  mutating func hasBase(for concerns: [Concern]) throws -> Bool {
    guard let found = try ruleset.chain(Schema.seal.chain), Schema.seal.matches(found) else { return false }
    guard concerns.contains(where: { $0.kind == .isolation }) else { return true }
    guard let forward = try ruleset.chain(Schema.forward.chain) else { return false }
    return Schema.forward.matches(forward)
  }

  /// Makes the base where it is missing or damaged, together with everything that is recorded.
  mutating func ensureBase(for concerns: [Concern]) throws {
    if try hasBase(for: concerns) { return }
    try rebuild()
  }

  /// Makes whatever is missing of the base and of what is recorded, in one transaction. Answers how many elements were put back.
  @discardableResult
  mutating func rebuild() throws -> Int {
    var count = 0
    try commit { rules in
      var transaction = Transaction()
      let exists = try rules.ruleset.table(Schema.table) != nil
      if exists { try rules.repairBase(&transaction) } else { HostRules.createBase(&transaction) }
      let (changes, missing) = try rules.missingEntries(tableExists: exists)
      changes.write(to: &transaction)
      count = missing
      return transaction
    }
    return count
  }

  private static func createBase(_ transaction: inout Transaction) {
    transaction.create(Schema.table)
    for id in SetID.allCases { transaction.add(id.definition) }
    for chain in Schema.chains { transaction.add(chain.chain) }
    for chain in Schema.chains { for rule in chain.rules { transaction.add(rule) } }
  }

  /// Writes chains and sets that are missing or not as they should be once more. What is as it should be keeps its elements and counters;
  /// `admin` is left alone.
  private mutating func repairBase(_ transaction: inout Transaction) throws {
    let chains = try ruleset.chains(Schema.table), sets = try ruleset.sets(Schema.table)
    let damaged = try chains.filter { try !isIntact($0) }
    for chain in damaged { transaction.flush(chain) }
    for set in SetID.allCases.map(\.definition) {
      guard let found = sets.first(where: { $0.name == set.name }) else {
        transaction.add(set)
        continue
      }
      if found.isLike(set) { continue }
      transaction.flush(found)
      transaction.delete(found)
      transaction.add(set)
    }
    let wanted = Schema.chains.filter { one in
      !chains.contains { $0.name == one.chain.name } || damaged.contains { $0.name == one.chain.name }
    }
    for one in wanted {
      if let found = chains.first(where: { $0.name == one.chain.name }), found.base != nil { transaction.delete(found) }
      transaction.add(one.chain)
    }
    for one in wanted + damaged.compactMap({ Schema.chain(named: $0.name) }) { for rule in one.rules { transaction.add(rule) } }
  }

  /// Whether a chain of the table has the rules that it should have. Chains that are not ours are.
  mutating func isIntact(_ chain: Chain) throws -> Bool {
    if chain.name == Schema.admin.name { return true }
    guard let wanted = Schema.chains.first(where: { $0.chain.name == chain.name }) ?? Schema.chain(named: chain.name) else { return true }
    guard wanted.chain.base == chain.base, wanted.chain.comment == chain.comment else { return false }
    return try ruleset.rules(chain).map(\.expressions.withoutCounts) == wanted.rules.map(\.expressions)
  }
}

extension Schema.FilledChain {
  /// Whether the kernel's chain has the same place, comment and number of rules.
  func matches(_ found: Chain) -> Bool {
    chain.base == found.base && chain.comment == found.comment && found.useCount == UInt32(ruleCount)
  }
}

extension NamedSet {
  /// Whether elements of one fit the other.
  func isLike(_ other: NamedSet) -> Bool {
    key == other.key && target == other.target && isInterval == other.isInterval && hasCounters == other.hasCounters
  }
}

extension [Expression] {
  /// With all counters at zero, as rules are written.
  var withoutCounts: [Expression] {
    map { if case .counter = $0 { .counter(Counter()) } else { $0 } }
  }
}
