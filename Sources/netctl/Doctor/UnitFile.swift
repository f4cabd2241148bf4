internal import Linux

/// A configuration file of systemd's shape: sections in brackets, keys with values.
struct UnitFile {
  let path: String
  private var entries: [(section: String, key: String, value: String)] = []

  /// Reads a file; nil if it cannot be read.
  init?(_ path: String) {
    guard let content = (try? FileSystem.readIfPresent(path)) ?? nil else { return nil }
    self.path = path
    var section = ""
    for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
      let text = line.trimmed
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
      if text.hasPrefix("["), text.hasSuffix("]") {
        section = String(text.dropFirst().dropLast())
      } else if let sign = text.firstIndex(of: "=") {
        entries.append((section, text[..<sign].trimmed, text[text.index(after: sign)...].trimmed))
      }
    }
  }

  /// The values of a key, as often as it is given.
  func values(_ section: String, _ key: String) -> [String] { entries.filter { $0.section == section && $0.key == key }.map(\.value) }

  /// The keys of a section.
  func keys(_ section: String) -> Set<String> { Set(entries.filter { $0.section == section }.map(\.key)) }

  /// The files with that ending, by their names; of files with one name that in the first folder counts, and an empty one hides the others.
  static func all(in folders: [String], suffix: String) -> [UnitFile] {
    var paths: [String: String] = [:]
    for folder in folders {
      for name in (try? FileSystem.names(in: folder)) ?? [] where name.hasSuffix(suffix) && paths[name] == nil {
        paths[name] = "\(folder)/\(name)"
      }
    }
    return paths.sorted { $0.key < $1.key }.compactMap { UnitFile($0.value) }.filter { !$0.entries.isEmpty }
  }
}
