import Linux

/// The small text files in a cgroup's folder.
enum ControlFile {
  static func read(_ path: String) throws(SystemError) -> String { String(decoding: try FileSystem.read(path), as: UTF8.self) }

  static func readIfPresent(_ path: String) throws(SystemError) -> String? {
    try FileSystem.readIfPresent(path).map { String(decoding: $0, as: UTF8.self) }
  }

  static func write(_ value: String, to path: String) throws(SystemError) {
    do { try OwnedFile(path, flags: .writeOnly).write(Array(value.utf8)) } catch {
      throw SystemError(error.code, "write \(value) to \(path)")
    }
  }

  /// The number a file consists of; nil for `max` or when there is no such file.
  static func number(_ path: String) throws(SystemError) -> UInt64? { try readIfPresent(path).flatMap { UInt64($0.trimmed) } }

  /// The number after a name in a file of lines `name number`; nil if there is no such file or line.
  static func number(_ name: String, in path: String) throws(SystemError) -> UInt64? {
    guard let text = try readIfPresent(path) else { return nil }
    return number(name, of: text)
  }

  /// The number after a name in lines `name number`.
  static func number(_ name: String, of text: String) -> UInt64? {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count == 2, words[0].elementsEqual(name.utf8) { return UInt64(Substring(words[1])) }
    }
    return nil
  }
}

extension StringProtocol {
  /// Without blanks and line ends at both ends.
  var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\n" }
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(self[first...last])
  }
}
