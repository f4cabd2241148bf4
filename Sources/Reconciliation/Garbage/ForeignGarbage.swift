internal import Netlink
internal import NFTables

/// Rules and chains of somebody else's table that belong to one container which is gone.
struct ForeignGarbage {
  /// Rules to remove, by chain and handle.
  let rules: [Rule]
  /// Chains to empty and to remove: nothing else jumps to them.
  let chains: [Chain]

  /// Removes all of them in one transaction. Rules are named by the handles that the kernel gave them, which no other rule of the table gets: what
  /// somebody else has removed or replaced meanwhile fails the whole, and nothing else is hit.
  static func remove(_ garbage: [ForeignGarbage]) throws {
    var transaction = Transaction(), done: Set<String> = []
    for rule in garbage.flatMap(\.rules) where done.insert("\(rule.chain) \(rule.handle ?? 0)").inserted { transaction.delete(rule) }
    let chains = garbage.flatMap(\.chains).filter { done.insert("\($0)").inserted }
    for chain in chains { transaction.flush(chain) }
    for chain in chains { transaction.delete(chain) }
    var ruleset = try Ruleset()
    try ruleset.commit(transaction)
  }
}
