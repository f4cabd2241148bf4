/// A table: the namespace of chains, sets and maps that belong together.
public struct Table: Hashable, Sendable {
  /// The packets its chains can see.
  public let family: Family
  /// Unique in its family.
  public let name: String
  /// For people; can only be given when the table is created.
  public let comment: String?

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
