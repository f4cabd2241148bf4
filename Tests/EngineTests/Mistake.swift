import Testing

/// Options that are to be refused, with a part of what is said then.
struct Mistake<Options>: Sendable, CustomTestStringConvertible {
  let describe: @Sendable (inout Options) -> Void
  let words: String

  init(_ describe: @escaping @Sendable (inout Options) -> Void, _ words: String) {
    self.describe = describe
    self.words = words
  }

  var testDescription: String { words }
}
