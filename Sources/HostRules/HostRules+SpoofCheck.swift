import Addresses
import NFTables

extension HostRules {
  /// The table, the chain and the names that other CNI plugins use, too.
  static let table = Table(.bridge, "nat")
  static let entrance = Chain(table, "PREROUTING", .init(.filter, .prerouting, priority: -300))

  private static func name(_ owner: Owner) -> String { "cni-br-iface-\(owner.containerID)-\(owner.interfaceName)" }
  private static func comment(_ owner: Owner) -> String { "macspoofchk-\(owner.containerID)-\(owner.interfaceName)" }

  /// Has the frames of a bridge port checked: `PREROUTING` leads to the port's chain, this one to a chain that lets the address pass.
  mutating func addSpoofCheck(_ check: SpoofCheck, _ owner: Owner, _ changes: inout Changes) throws {
    let (chains, wanted) = HostRules.spoofCheck(check, owner)
    if try ruleset.chain(chains[0]) != nil {
      if try rules(owner).map(\.expressions) == wanted.map(\.expressions) { return }
      try removeSpoofCheck(owner, &changes)
    }
    changes.rest.add(HostRules.table)
    for chain in [HostRules.entrance] + chains { changes.rest.add(chain) }
    for rule in wanted { changes.rest.add(rule) }
  }

  /// Removes an owner's rules and chains, and what has become empty with them.
  mutating func removeSpoofCheck(_ owner: Owner, _ changes: inout Changes) throws {
    let chains = try ruleset.chains(HostRules.table), name = HostRules.name(owner)
    let own = chains.filter { ($0.name == name || $0.name == name + "-mac") && ($0.comment == nil || $0.comment == owner.label) }
    try removeSpoofChecks(own, of: chains, &changes)
  }

  /// Removes the rules and chains of all owners whose label is garbage; answers the owners.
  mutating func removeSpoofChecks(_ isGarbage: (String?) -> Bool, _ changes: inout Changes) throws -> [Owner] {
    let chains = try ruleset.chains(HostRules.table)
    let own = chains.filter { isGarbage($0.comment) }
    try removeSpoofChecks(own, of: chains, &changes)
    return own.compactMap { $0.comment.flatMap { Owner(label: $0) } }
  }

  private mutating func removeSpoofChecks(_ own: [Chain], of chains: [Chain], _ changes: inout Changes) throws {
    if own.isEmpty { return }
    let entrance = try ruleset.rules(HostRules.entrance)
    let leading = entrance.filter { rule in own.contains { rule.expressions.last == .verdict(.jump($0.name)) } }
    for rule in leading { changes.rest.delete(rule) }
    for chain in own { changes.rest.flush(chain) }
    for chain in own { changes.rest.delete(chain) }
    guard leading.count == entrance.count, chains.contains(where: { $0.name == HostRules.entrance.name }) else { return }
    changes.rest.delete(HostRules.entrance)
    if chains.count == own.count + 1, try ruleset.sets(HostRules.table).isEmpty { changes.rest.delete(HostRules.table) }
  }

  /// What is missing of an owner's check or differs from it.
  mutating func spoofCheckFaults(_ check: SpoofCheck, _ owner: Owner, _ entrance: [Rule]? = nil) throws -> [String] {
    let (chains, wanted) = HostRules.spoofCheck(check, owner)
    for chain in [HostRules.entrance] + chains where try ruleset.chain(chain) == nil { return ["chain \(chain) is missing"] }
    let found = try rules(owner, entrance)
    if found.map(\.expressions) == wanted.map(\.expressions) { return [] }
    return ["the rules of \(HostRules.comment(owner)) differ from the check of \(check.address) on \(check.port)"]
  }

  /// The chains, those that others jump to first, and the rules of a check.
  private static func spoofCheck(_ check: SpoofCheck, _ owner: Owner) -> ([Chain], [Rule]) {
    let comment = comment(owner), chain = Chain(table, name(owner), comment: owner.label)
    let addresses = Chain(table, name(owner) + "-mac", comment: owner.label)
    let rules = [
      Rule(entrance, [.match(.inputInterface, .equal, .interface(check.port)), .verdict(.jump(chain.name))], comment: comment),
      Rule(chain, [.verdict(.jump(addresses.name))], comment: comment),
      Rule(addresses, [.match(.etherSource, .equal, .etherAddress(check.address)), .verdict(.return)], comment: comment),
      Rule(addresses, [.verdict(.drop)], comment: comment),
    ]
    return ([addresses, chain], rules)
  }

  /// What there is of an owner's check, in the order in which it was written. `entrance` are the rules that lead to all checks, if they are known.
  private mutating func rules(_ owner: Owner, _ entrance: [Rule]? = nil) throws -> [Rule] {
    let comment = HostRules.comment(owner), name = HostRules.name(owner)
    return try (entrance ?? ruleset.rules(HostRules.entrance)).filter { $0.comment == comment }
      + ruleset.rules(Chain(HostRules.table, name))
      + ruleset.rules(Chain(HostRules.table, name + "-mac"))
  }
}
