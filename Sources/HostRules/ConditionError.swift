/// A condition that is not understood.
public struct ConditionError: Error, Hashable, CustomStringConvertible {
  /// Where reading stopped; empty at the end.
  public let word: String
  /// What was expected there.
  public let expectation: String

  /// `"oifname": expected ip, ip6, iifname…`
  public var description: String {
    word.isEmpty ? "the condition ends where \(expectation) is expected" : "\"\(word)\" where \(expectation) is expected"
  }
}
