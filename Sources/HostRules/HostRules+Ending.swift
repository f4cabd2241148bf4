import NFTables

extension HostRules {
  /// Removes what an attachment has, in a process of a single thread that ends soon: if anything was removed, another process waits for the
  /// kernel to free it (`deferClosing`).
  public mutating func removeBeforeExit(_ kinds: [Concern.Kind], of owner: Owner) throws {
    let generation = try ruleset.generation()
    try remove(kinds, of: owner)
    if try ruleset.generation() != generation { try deferClosing() }
  }
}
