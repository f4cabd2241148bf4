import Glibc

/// A POSIX extended regular expression, regex(7), as the C library compiles it.
@safe public final class RegularExpression {
  /// A text that is no regular expression.
  public struct Fault: Error, Equatable, CustomStringConvertible {
    /// The C library's words: `Unmatched ( or \(`.
    public let description: String

    init(description: String) { self.description = description }
  }

  private let compiled: UnsafeMutablePointer<regex_t>

  /// Compiles an expression.
  public init(_ pattern: String) throws(Fault) {
    let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
    unsafe compiled.initialize(to: regex_t())
    let code = unsafe regcomp(compiled, pattern, REG_EXTENDED | REG_NOSUB)
    guard code == 0 else {
      var words = [CChar](repeating: 0, count: 128)
      // regerror ends its words with a zero within the length that it is told.
      unsafe regerror(code, compiled, &words, words.count)
      unsafe compiled.deallocate()
      throw Fault(description: String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    unsafe self.compiled = unsafe compiled
  }

  deinit {
    unsafe regfree(compiled)
    unsafe compiled.deallocate()
  }

  /// Whether the expression matches the text or a part of it.
  public func matches(_ text: String) -> Bool {
    // The compiled expression lives as long as this object, and nothing writes to it.
    unsafe regexec(compiled, text, 0, nil, 0) == 0
  }
}
