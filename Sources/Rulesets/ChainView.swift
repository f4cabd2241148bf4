public import NFTables

/// A chain with its rules.
public struct ChainView: Hashable, Sendable {
  /// Its table.
  public let table: Table
  /// Unique in its table.
  public let name: String
  /// Its place in a packet's way; nil for a chain that only rules call.
  public let base: Base?
  /// For people.
  public let comment: String?
  /// In their order.
  public let rules: [RuleView]

  /// What makes a chain a base chain.
  public struct Base: Hashable, Sendable {
    /// `filter`, `nat` or `route`.
    public let kind: String
    /// NF_INET_, or NF_NETDEV_ in the family netdev.
    public let hookNumber: UInt32
    /// Chains at one hook are called in rising order.
    public let priority: Int32
    /// What happens at its end.
    public let policy: Chain.Policy
    /// How much reached its end; nil if it does not count.
    public let counter: Counter?
    /// The interfaces of a chain of the family netdev.
    public let devices: [String]
    /// The hook; nil for those of the family netdev and for ingress.
    public let hook: Hook?
  }

  /// Whose it is by its name: `docker`, `podman`, `ufw`, `firewalld`, `libvirt`, `cni`, `ours`; nil if nothing tells.
  public var maker: String? { Makers.maker(table: table, chain: name) }

  /// How people call its place: `ip filter FORWARD`.
  public var title: String { "\(table) \(name)" }
}

extension ChainView.Base: CustomStringConvertible {
  /// `filter hook forward priority 0 policy drop`
  public var description: String { "\(kind) hook \(hookName) priority \(priority) policy \(policy == .drop ? "drop" : "accept")" }

  /// As nft(8) writes it.
  public var hookName: String {
    hook?.description ?? (hookNumber == 5 || hookNumber == 0 ? "ingress" : hookNumber == 1 ? "egress" : "\(hookNumber)")
  }
}
