public import NFTables

/// A set or map with its elements.
public struct SetView: Hashable, Sendable {
  /// An element.
  public struct Element: Hashable, Sendable {
    /// The key, or the lowest key of a range; the fields of a joined key are padded to four bytes each.
    public let key: [UInt8]
    /// The highest key of a range, included; the key itself where there is only one.
    public let last: [UInt8]
    /// What a map's key leads to.
    public let value: [UInt8]?
    /// What a verdict map's key leads to.
    public let verdict: Verdict?
    /// How often it matched; nil if it does not count.
    public let counter: Counter?
    /// For people.
    public let comment: String?
  }

  /// Its table.
  public let table: Table
  /// Unique in its table; names of unnamed sets begin with two underscores.
  public let name: String
  /// The numbers of the key's types in nft(8), one for each field.
  public let keyTypes: [UInt32]
  /// The numbers of the types of what a map leads to; empty in a set and in a verdict map.
  public let valueTypes: [UInt32]
  /// Whether keys lead to verdicts.
  public let leadsToVerdicts: Bool
  /// The length of a key in bytes.
  public let keyLength: Int
  /// Whether keys are ranges.
  public let isInterval: Bool
  /// By their keys.
  public let elements: [Element]
  /// For people.
  public let comment: String?

  /// Whether rules carry it in themselves, as braces in nft(8).
  public var isAnonymous: Bool { name.hasPrefix("__") }

  /// The element that holds for a key, the most specific range where several do.
  public func element(for key: [UInt8]) -> Element? {
    // The element for everything else goes from the lowest to the highest key.
    if !isInterval { return elements.first { $0.key == key } ?? elements.first { $0.key != $0.last } }
    let widths = keyTypes.count > 1 ? keyTypes.map { (NFTType.byteCount($0) + 3) & ~3 } : [key.count]
    return elements.first { element in
      var start = 0
      for width in widths {
        let end = min(start + width, key.count)
        guard end <= element.key.count, end <= element.last.count else { return false }
        let field = key[start..<end]
        if field.lexicographicallyPrecedes(element.key[start..<end]) || element.last[start..<end].lexicographicallyPrecedes(field) {
          return false
        }
        start = end
      }
      return true
    }
  }
}
