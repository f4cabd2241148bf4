import Addresses
import NFTables

extension HostRules {
  /// The table, the chain and the names that other CNI plugins use, too.
  private static let table = Table(.bridge, "nat")
  private static let entrance = Chain(table, "PREROUTING", .init(.filter, .prerouting, priority: -300))

  private static func name(_ owner: Owner) -> String { "cni-br-iface-\(owner.containerID)-\(owner.interfaceName)" }
  private static func comment(_ owner: Owner) -> String { "macspoofchk-\(owner.containerID)-\(owner.interfaceName)" }

  /// Has the frames of a bridge port checked: `PREROUTING` leads to the port's chain, this one to a chain that lets the address pass.
  mutating func addSpoofCheck(_ check: SpoofCheck, _ owner: Owner, _ changes: inout Changes) throws {
    let chain = Chain(HostRules.table, HostRules.name(owner), comment: owner.label)
    let addresses = Chain(HostRules.table, HostRules.name(owner) + "-mac", comment: owner.label), comment = HostRules.comment(owner)
    let wanted = [
      Rule(HostRules.entrance, [.match(.inputInterface, .equal, .interface(check.port)), .verdict(.jump(chain.name))], comment: comment),
      Rule(chain, [.verdict(.jump(addresses.name))], comment: comment),
      Rule(addresses, [.match(.etherSource, .equal, .etherAddress(check.address)), .verdict(.return)], comment: comment),
      Rule(addresses, [.verdict(.drop)], comment: comment),
    ]
    if try ruleset.chain(addresses) != nil {
      let found = try rules(owner)
      if found.map(\.expressions) == wanted.map(\.expressions) { return }
      try removeSpoofCheck(owner, &changes)
    }
    changes.rest.add(HostRules.table)
    for chain in [HostRules.entrance, addresses, chain] { changes.rest.add(chain) }
    for rule in wanted { changes.rest.add(rule) }
  }

  /// Removes an owner's rules and chains, and what has become empty with them.
  mutating func removeSpoofCheck(_ owner: Owner, _ changes: inout Changes) throws {
    let chains = try ruleset.chains(HostRules.table), name = HostRules.name(owner)
    let own = chains.filter { $0.name == name || $0.name == name + "-mac" }
    let entrance = try ruleset.rules(HostRules.entrance)
    let leading = entrance.filter { $0.comment == HostRules.comment(owner) }
    if own.isEmpty && leading.isEmpty { return }
    for rule in leading { changes.rest.delete(rule) }
    for chain in own { changes.rest.flush(chain) }
    // The chain for addresses is the target of the other one, which goes first.
    for chain in own.sorted(by: { $0.name.utf8.count < $1.name.utf8.count }) { changes.rest.delete(chain) }
    guard leading.count == entrance.count, chains.contains(where: { $0.name == HostRules.entrance.name }) else { return }
    changes.rest.delete(HostRules.entrance)
    if chains.count == own.count + 1, try ruleset.sets(HostRules.table).isEmpty { changes.rest.delete(HostRules.table) }
  }

  /// What there is of an owner's check, in the order in which it was written.
  private mutating func rules(_ owner: Owner) throws -> [Rule] {
    let comment = HostRules.comment(owner), name = HostRules.name(owner)
    return try ruleset.rules(HostRules.entrance).filter { $0.comment == comment } + ruleset.rules(Chain(HostRules.table, name))
      + ruleset.rules(Chain(HostRules.table, name + "-mac"))
  }
}
