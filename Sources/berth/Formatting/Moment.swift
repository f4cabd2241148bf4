internal import Engine

/// A moment as `--since` and `--until` take it.
enum Moment {
  /// Reads a timestamp, a date, seconds since 1970, or how long ago; nil stays nil.
  static func parse(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    if let duration = Duration(text), !text.allSatisfy(\.isNumber) {
      return Timestamp(nanoseconds: Timestamp.now().nanoseconds - duration.nanoseconds)
    }
    if let moment = Timestamp(text) { return moment }
    throw EngineError(
      "invalid value for \(option): \"\(text)\": expected a time such as 2026-01-02T13:23:37Z, or 42m for 42 minutes ago", exitCode: 125)
  }
}
