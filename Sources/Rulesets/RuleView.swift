public import NFTables

/// A rule as it is in the kernel.
public struct RuleView: Hashable, Sendable {
  /// The kernel's number for it, unique in its table.
  public let handle: UInt64
  /// What it does, in order.
  public let expressions: [RuleExpression]
  /// What is written beside it, as nft(8) or `-m comment` keeps it.
  public let comment: String?

  /// Describes a rule.
  public init(handle: UInt64, expressions: [RuleExpression], comment: String? = nil) {
    self.handle = handle
    self.expressions = expressions
    self.comment = comment
  }

  /// How much passed it; nil if it does not count.
  public var counter: Counter? {
    for case .counter(let counter) in expressions { return counter }
    return nil
  }

  /// What in it this library does not understand.
  public var opaque: [String] {
    expressions.compactMap { expression in
      if case .opaque(let name) = expression { return name }
      return nil
    }
  }

  /// The chains that it may go to by itself; those that its verdict maps name are not among them.
  public var targets: [String] {
    expressions.compactMap { expression in
      if case .verdict(let verdict) = expression { return verdict.chain }
      return nil
    }
  }
}
