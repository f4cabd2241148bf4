/// One thing that an attachment has in the table, for people and tools that look at it.
public struct Holding: Hashable, Sendable {
  /// Whose it is; nil for what attachments share and for elements that somebody else added.
  public let owner: Owner?
  /// The name of the set or map.
  public let set: String
  /// The key as nft(8) prints it: `tcp . 8080`.
  public let key: String
  /// What the key leads to, as nft(8) prints it: `10.0.0.5 . 80`, `jump masquerade_24`; nil in a set.
  public let value: String?
  /// How many connections a published port has had; nil for anything else.
  public let connections: UInt64?
}
