/// A list of rules: one that the kernel calls at a hook (base chain), or one that rules jump to.
public struct Chain: Hashable, Sendable {
  /// What a base chain may do.
  public enum Kind: String, Hashable, Sendable {
    /// Accept or drop packets.
    case filter
    /// Translate addresses; sees only the first packet of each connection.
    case nat
    /// Change packets so that they are routed again.
    case route
  }

  /// What happens to a packet at the end of a base chain.
  public enum Policy: UInt32, Hashable, Sendable {
    /// NF_DROP
    case drop = 0
    /// NF_ACCEPT
    case accept = 1
  }

  /// What makes a chain a base chain.
  public struct Base: Hashable, Sendable {
    /// What it may do.
    public let kind: Kind
    /// Where it is called.
    public let hook: Hook
    /// Chains at one hook are called in rising order. Names of nft(8) for numbers: raw -300, mangle -150, dstnat -100, filter 0, srcnat 100.
    public let priority: Int32
    /// What happens at its end.
    public let policy: Policy

    /// Describes a base chain's place.
    public init(_ kind: Kind, _ hook: Hook, priority: Int32, policy: Policy = .accept) {
      self.kind = kind
      self.hook = hook
      self.priority = priority
      self.policy = policy
    }
  }

  /// Where it lies.
  public let table: Table
  /// Unique in its table.
  public let name: String
  /// Its place in a packet's way; nil for a chain that only rules call.
  public let base: Base?
  /// For people; can only be given when the chain is created.
  public let comment: String?
  /// How many rules it has plus how many rules and elements jump to it (NFTA_CHAIN_USE); nil unless it was read from the kernel.
  public let useCount: UInt32?

  /// Describes a chain.
  public init(_ table: Table, _ name: String, _ base: Base? = nil, comment: String? = nil) {
    self.init(table, name, base, comment: comment, useCount: nil)
  }

  init(_ table: Table, _ name: String, _ base: Base?, comment: String?, useCount: UInt32?) {
    self.table = table
    self.name = name
    self.base = base
    self.comment = comment
    self.useCount = useCount
  }
}

extension Chain: CustomStringConvertible {
  /// `inet filter forward`
  public var description: String { "\(table) \(name)" }
}
