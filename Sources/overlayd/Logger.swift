internal import Glibc

/// Log lines on the standard error, one event each: `time=… level=info network=lab msg="…" peer=10.244.3.0/24`.
struct Logger: Sendable {
  let network: String

  /// Something happened as it should.
  func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { write("info", message, fields) }

  /// Something is not as it should be, and goes on all the same.
  func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { write("warning", message, fields) }

  /// Somebody has to do something.
  func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { write("error", message, fields) }

  private func write(_ level: String, _ message: String, _ fields: KeyValuePairs<String, String>) {
    var line = "time=\(Logger.now()) level=\(level) network=\(network) msg=\(Logger.quoted(message))"
    for (name, value) in fields {
      line += " \(name)=\(value.utf8.allSatisfy(Logger.isPlain) && !value.isEmpty ? value : Logger.quoted(value))"
    }
    line += "\n"
    let bytes = Array(line.utf8)
    // One call, so that lines do not mix; a log that cannot be written is nobody's concern here.
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { byte > 32 && byte < 127 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=") }

  /// Control characters, which other hosts may have written, become blanks.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      default: quoted.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 || (128..<160).contains(scalar.value) ? " " : scalar)
      }
    }
    return quoted + "\""
  }

  /// RFC 3339 with milliseconds, UTC.
  private static func now() -> String {
    var time = timespec(), parts = tm()
    clock_gettime(CLOCK_REALTIME, &time)
    gmtime_r(&time.tv_sec, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let milliseconds = "\(1000 + time.tv_nsec / 1_000_000)".dropFirst()
    let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
  }
}
