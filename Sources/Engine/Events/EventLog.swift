internal import JSON
internal import Linux

/// The file of all events: one JSON object a line, written in one piece by whoever makes the event.
public struct EventLog: Sendable {
  private static let longest = 4 << 20

  private let path: String

  /// Opens the log of a root.
  public init(_ places: Places) { path = places.events }

  /// The file, for watching it.
  public var file: String { path }

  /// Adds an event. Nobody fails because an event cannot be written.
  public func append(_ event: Event) {
    guard let file = try? OwnedFile(path, flags: [.writeOnly, .create, .append], mode: 0o600) else { return }
    try? file.write(Array((event.json.text + "\n").utf8))
    if let size = try? FileSystem.size(path), size > EventLog.longest { try? FileSystem.move(path, to: "\(path).1") }
  }

  /// The whole lines of a text as events, and how many bytes they are.
  public static func parse(_ text: ArraySlice<UInt8>) -> (events: [Event], length: Int) {
    guard let last = text.lastIndex(of: 10) else { return ([], 0) }
    let lines = text[...last].split(separator: 10)
    return (
      lines.compactMap { line in (try? JSONValue(parsing: Array(line))).flatMap { try? Event(json: $0) } }, last + 1 - text.startIndex
    )
  }
}
