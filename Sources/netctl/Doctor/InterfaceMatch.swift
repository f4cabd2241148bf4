internal import Glibc

/// Whether a [Match] section of systemd means an interface: systemd.network(5), systemd.link(5).
enum InterfaceMatch {
  /// An interface as such files see it.
  struct Subject {
    let name: String
    let kind: String
    let type: String
  }

  /// Whether every key of the section agrees. A key that is not known here agrees with nothing, so that nobody is accused by mistake.
  static func matches(_ file: UnitFile, _ subject: Subject) -> Bool {
    let keys = file.keys("Match")
    guard !keys.isEmpty else { return false }
    return keys.allSatisfy { key in
      let patterns = file.values("Match", key).flatMap { $0.split(separator: " ").map(String.init) }
      switch key {
      // A rename has not happened yet: the name is also the original one.
      case "Name", "OriginalName": return agrees(patterns, subject.name)
      case "Kind", "Driver": return agrees(patterns, subject.kind)
      case "Type": return agrees(patterns, subject.type)
      default: return false
      }
    }
  }

  /// A pattern with `!` means all that it does not match.
  private static func agrees(_ patterns: [String], _ value: String) -> Bool {
    guard let first = patterns.first else { return false }
    if first.hasPrefix("!") {
      return ![String(first.dropFirst())].appending(patterns.dropFirst()).contains { glob($0, value) }
    }
    return patterns.contains { glob($0, value) }
  }

  /// fnmatch(3)
  static func glob(_ pattern: String, _ text: String) -> Bool { fnmatch(pattern, text, 0) == 0 }
}

extension [String] {
  fileprivate func appending(_ others: some Sequence<String>) -> [String] { self + others }
}
