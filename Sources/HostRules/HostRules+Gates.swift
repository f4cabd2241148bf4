import Addresses
import NFTables

extension HostRules {
  /// Has the chains made that an attachment's conditions need, and those removed that only its former wishes needed.
  mutating func gate(_ concerns: [Concern], insteadOf previous: [Concern], _ owner: Owner, _ changes: inout Changes) throws {
    let wanted = concerns.flatMap { $0.gates(owner) }
    for gate in wanted { try ensure(gate, &changes) }
    let old = previous.flatMap { $0.gates(owner) }.map(\.chain).filter { chain in !wanted.contains { $0.chain.name == chain.name } }
    try remove(old, &changes)
  }

  /// Has a chain made unless it is there with the same rules.
  mutating func ensure(_ gate: Schema.FilledChain, tableExists: Bool = true, _ changes: inout Changes) throws {
    guard tableExists, try ruleset.chain(gate.chain) != nil else { return changes.replace(gate, exists: false) }
    if try !isIntact(gate) { changes.replace(gate, exists: true) }
  }

  /// Whether a chain has exactly the rules that it should have.
  mutating func isIntact(_ gate: Schema.FilledChain) throws -> Bool {
    try ruleset.rules(gate.chain).map(\.expressions.withoutCounts) == gate.rules.map(\.expressions)
  }

  /// Has chains for conditions removed, if they are there, after the elements that lead to them.
  mutating func remove(_ gates: [Chain], _ changes: inout Changes) throws {
    for gate in gates where try ruleset.chain(gate) != nil {
      changes.rest.flush(gate)
      changes.rest.delete(gate)
    }
  }

  /// The chains for conditions of owners whose label is garbage.
  mutating func gates(_ isGarbage: (String?) -> Bool) throws -> [Chain] {
    try ruleset.chains(Schema.table).filter { $0.name.hasPrefix("if") && isGarbage($0.comment) }
  }
}
