/// Where the members and elements of a JSON text stand, by their paths: `plugins[0].ipam.subnet`.
///
/// The text must be valid JSON: whoever parsed it has said so.
struct JSONPositions {
  /// A place in a text, counted from 1; columns count characters as editors do.
  struct Position: Comparable {
    let line: Int
    let column: Int

    static func < (left: Position, right: Position) -> Bool { (left.line, left.column) < (right.line, right.column) }
  }

  private let text: [UInt8]
  private var next = 0
  private var starts: [String: Int] = [:]

  init(_ text: [UInt8]) {
    self.text = text
    value("")
  }

  /// Where a value stands; for a member, where its name does. Names match without regard to case. What is missing stands where it would be.
  func position(of path: String) -> Position {
    var path = Substring(path.lowercased())
    while true {
      if let start = starts[String(path)] { return position(start) }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return position(starts[""] ?? 0) }
      path = path[..<end]
    }
  }

  private func position(_ offset: Int) -> Position {
    let before = text[..<min(offset, text.count)], line = before.split(separator: 10, omittingEmptySubsequences: false)
    return Position(line: line.count, column: String(decoding: line.last ?? [], as: UTF8.self).count + 1)
  }

  private mutating func value(_ path: String) {
    skipBlanks()
    if starts[path] == nil { starts[path] = next }
    switch next < text.count ? text[next] : 0 {
    case UInt8(ascii: "{"):
      list(until: UInt8(ascii: "}")) { (positions, _) in
        positions.skipBlanks()
        let start = positions.next, name = positions.string()
        let member = path.isEmpty ? name.lowercased() : "\(path).\(name.lowercased())"
        positions.starts[member] = start
        positions.skipBlanks()
        positions.next += 1
        positions.value(member)
      }
    case UInt8(ascii: "["): list(until: UInt8(ascii: "]")) { $0.value("\(path)[\($1)]") }
    case UInt8(ascii: "\""): _ = string()
    default: while next < text.count, !JSONPositions.ends.contains(text[next]) { next += 1 }
    }
  }

  private mutating func list(until end: UInt8, _ element: (inout JSONPositions, Int) -> Void) {
    next += 1
    var count = 0
    while next < text.count {
      skipBlanks()
      guard next < text.count else { return }
      if text[next] == end {
        next += 1
        return
      }
      if text[next] == UInt8(ascii: ",") { next += 1 } else { element(&self, count) }
      if next < text.count, text[next] == UInt8(ascii: ",") { count += 1 }
    }
  }

  /// A string's text; escapes in names are left as they are.
  private mutating func string() -> String {
    next += 1
    let start = next
    while next < text.count, text[next] != UInt8(ascii: "\"") { next += text[next] == UInt8(ascii: "\\") ? 2 : 1 }
    let end = min(next, text.count)
    next = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while next < text.count, [9, 10, 13, 32].contains(text[next]) { next += 1 }
  }

  private static let ends = Set(",]} \t\r\n".utf8)
}
