import CNI
import Linux

/// The sysctls that the host's administrator allows configurations to set: a file with one POSIX extended regular expression a line, of which
/// one must match a key or a part of it. Without the file every key below `net` is allowed; an empty one allows none.
///
/// The reference reads the lines as RE2 expressions. What RE2 knows and POSIX reads as something else is refused rather than misunderstood.
struct SysctlAllowlist {
  /// Where the file is.
  static let path = "/etc/cni/tuning/allowlist.conf"

  private let lines: [(text: String, expression: RegularExpression)]

  /// Reads the file; nil if there is none. Throws what is wrong with it, with the line's number.
  static func load() throws(CNIError) -> SysctlAllowlist? {
    let content: [UInt8]?
    do { content = try FileSystem.readIfPresent(path) } catch { throw CNIError(error) }
    guard let content else { return nil }
    return try SysctlAllowlist(String(decoding: content, as: UTF8.self))
  }

  /// Reads lines; blanks around them, empty lines, and lines that begin with `#` do not count.
  init(_ text: String) throws(CNIError) {
    var lines: [(String, RegularExpression)] = []
    for (number, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let pattern = SysctlAllowlist.trimmed(line)
      if pattern.isEmpty || pattern.hasPrefix("#") { continue }
      let place = "\(SysctlAllowlist.path) line \(number + 1): \"\(pattern)\""
      if let fault = SysctlAllowlist.foreignSyntax(in: pattern) { throw CNIError(.invalidConfiguration, "\(place): \(fault)") }
      do throws(RegularExpression.Fault) { lines.append((pattern, try RegularExpression(pattern))) } catch {
        throw CNIError(.invalidConfiguration, "\(place): \(error)")
      }
    }
    self.lines = lines
  }

  /// Throws unless the key is allowed.
  func check(_ key: String) throws(CNIError) {
    guard !lines.contains(where: { $0.expression.matches(key) }) else { return }
    let allowed = lines.map { $0.text }.joined(separator: " ")
    throw CNIError(
      .invalidConfiguration, "Sysctl \(key) is not allowed. Only the following sysctls are allowed: [\(allowed)]",
      details: SysctlAllowlist.path)
  }

  /// What an expression has that only RE2 understands; nil if there is nothing.
  private static func foreignSyntax(in pattern: String) -> String? {
    var rest = Array(pattern.utf8)[...]
    var isInBrackets = false
    var previous: UInt8 = 0
    while let byte = rest.popFirst() {
      let next = rest.first ?? 0
      if isInBrackets {
        if byte == UInt8(ascii: "\\") { return "in brackets a backslash is an ordinary character; write [.] or [0-9] without it" }
        if byte == UInt8(ascii: "["), next == UInt8(ascii: ":"), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
          rest = rest[(end + 1)...]
        }
        isInBrackets = byte != UInt8(ascii: "]")
      } else if byte == UInt8(ascii: "\\") {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next | 0x20)
        if isLetter, !"wWsSbB".utf8.contains(next) { return "\\\(Character(UnicodeScalar(next))) is no POSIX syntax; write [0-9] for \\d" }
        rest = rest.dropFirst()
        previous = 0
        continue
      } else if byte == UInt8(ascii: "[") {
        isInBrackets = true
        if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
        // A closing bracket that comes first belongs to the set.
        if rest.first == UInt8(ascii: "]") { rest.removeFirst() }
      } else if byte == UInt8(ascii: "?"), previous != 0, "(*+?}".utf8.contains(previous) {
        return "(?…), *?, +? and ?? are no POSIX syntax; write (…), *, + or ?"
      }
      previous = byte
    }
    return nil
  }

  private static func trimmed(_ line: Substring.UTF8View) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    var text = Array(line)[...]
    while let first = text.first, isBlank(first) { text.removeFirst() }
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
