/// A range, range set or address plan that nothing can be allocated from, in the words that runtimes know.
public struct RangeError: Error, Equatable, CustomStringConvertible {
  /// What is wrong: `RangeStart 192.0.3.0 not in network 192.0.2.0/24`.
  public let description: String

  init(_ description: String) { self.description = description }
}
