/// An element of a set or map.
public struct Element: Hashable, Sendable {
  /// What a key leads to.
  public enum Value: Hashable, Sendable {
    /// A map's fields.
    case fields(Fields)
    /// A verdict map's verdict.
    case verdict(Verdict)
  }

  /// The key, or the lowest key of a range.
  public let key: Fields
  /// The highest key of a range, included; nil for a single key.
  public let last: Fields?
  /// What the key leads to; nil in a set.
  public let value: Value?
  /// For people and for bookkeeping, at most 128 bytes (nft(8) reads no longer ones).
  public let comment: String?
  /// In how many milliseconds it vanishes, where not the set's own time counts. Read from the kernel: the time that it was given.
  public let timeout: UInt64?
  /// How often it matched; nil in sets without counters.
  public let counter: Counter?

  /// Describes an element.
  public init(_ key: Fields, through last: Fields? = nil, to value: Value? = nil, comment: String? = nil, timeout: UInt64? = nil) {
    self.init(key, through: last, to: value, comment: comment, timeout: timeout, counter: nil)
  }

  init(_ key: Fields, through last: Fields?, to value: Value?, comment: String?, timeout: UInt64?, counter: Counter?) {
    self.key = key
    self.last = last == key ? nil : last
    self.value = value
    self.comment = comment
    self.timeout = timeout
    self.counter = counter
  }
}
