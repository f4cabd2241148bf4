/// A table: the namespace of chains, sets and maps that belong together.
public struct Table: Hashable, Sendable {
  /// The packets its chains can see.
  public let family: Family
  /// Unique in its family.
  public let name: String
  /// For people; can only be given when the table is created.
  public let comment: String?

  /// Whether it goes with the socket that makes it, and only that one may change it (NFT_TABLE_F_OWNER, Linux 5.12); only for creating.
  public var isTemporary = false

  /// Describes a table.
  public init(_ family: Family, _ name: String, comment: String? = nil) {
    self.family = family
    self.name = name
    self.comment = comment
  }
}

extension Table: CustomStringConvertible {
  /// `inet filter`
  public var description: String { "\(family) \(name)" }
}
