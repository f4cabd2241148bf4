/// Names of networks and containers: `^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$`, the CNI specification's pattern for both.
///
/// Such a name is a safe file name: it has no slash, and is neither "." nor "..".
public enum Identifier {
  /// Whether the text follows the pattern.
  public static func isValid(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
