/// A rule of a chain.
public struct Rule: Hashable, Sendable {
  /// Where it lies.
  public let chain: Chain
  /// What is carried out, in this order.
  public let expressions: [Expression]
  /// For people and for bookkeeping, at most 128 bytes.
  public let comment: String?
  /// The kernel's number of the rule in its table; nil for a rule that was not read from the kernel.
  public let handle: UInt64?

  /// Writes a rule in the words of nft(8).
  public init(_ chain: Chain, _ statements: [Statement], comment: String? = nil) {
    self.init(chain, expressions: Statement.lower(statements, for: chain.table.family), comment: comment)
  }

  /// Writes a rule as the kernel carries it out.
  public init(_ chain: Chain, expressions: [Expression], comment: String? = nil, handle: UInt64? = nil) {
    self.chain = chain
    self.expressions = expressions
    self.comment = comment
    self.handle = handle
  }
}
