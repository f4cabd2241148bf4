/// Text that is not JSON as we accept it.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, in the parser's words.
  public let reason: String
  /// The line of the text, from 1.
  public let line: Int
  /// The column in that line, in characters from 1.
  public let column: Int

  /// `line 3, column 7: string or '}' expected near ','`
  public var description: String { "line \(line), column \(column): \(reason)" }
}
