import Addresses
public import NFTables

/// All packet filter rules of one network namespace at one moment, whoever made them, as values.
public struct RulesetView: Sendable {
  /// Every chain of every table.
  public let chains: [ChainView]
  /// Every set and map of every table.
  public let sets: [SetView]
  /// Tables of the old iptables, in the namespace beside nftables, which cannot be seen here: `ip filter`. Nil if they could not be asked for.
  public let legacyTables: [String]?
  private let chainPositions: [Key: Int]
  private let setPositions: [Key: Int]

  private struct Key: Hashable {
    let family: Family
    let table: String
    let name: String
  }

  /// Joins what was read.
  public init(chains: [ChainView], sets: [SetView], legacyTables: [String]? = []) {
    self.chains = chains
    self.sets = sets
    self.legacyTables = legacyTables
    chainPositions = Dictionary(
      chains.enumerated().map { (Key(family: $1.table.family, table: $1.table.name, name: $1.name), $0) }, uniquingKeysWith: { $1 })
    setPositions = Dictionary(
      sets.enumerated().map { (Key(family: $1.table.family, table: $1.table.name, name: $1.name), $0) }, uniquingKeysWith: { $1 })
  }

  /// A chain of a table.
  public func chain(_ table: Table, _ name: String) -> ChainView? {
    chainPositions[Key(family: table.family, table: table.name, name: name)].map { chains[$0] }
  }

  /// A set or map of a table.
  public func set(_ table: Table, _ name: String) -> SetView? {
    setPositions[Key(family: table.family, table: table.name, name: name)].map { sets[$0] }
  }

  /// The base chains at a hook, in the order in which the kernel calls them.
  public func baseChains(at hook: Hook, _ families: Set<Family>) -> [ChainView] {
    chains.filter { $0.base?.hook == hook && families.contains($0.table.family) }
      .sorted { ($0.base?.priority ?? 0) < ($1.base?.priority ?? 0) }
  }

  /// All tables that have a chain or a set.
  public var tables: [Table] {
    var seen: Set<String> = []
    return (chains.map(\.table) + sets.map(\.table)).filter { seen.insert($0.description).inserted }
  }
}
