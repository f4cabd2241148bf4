internal import Inspection
internal import Wording

/// Finds the namespace that a person means.
enum ContainerSearch {
  /// A file that leads to it.
  static func path(_ word: String, _ host: HostView) throws -> String {
    if word.contains("/") { return word }
    guard let path = try namespace(word, host).path else {
      throw Problem("\(Terminal.plain(word)) has neither a process nor a name any more")
    }
    return path
  }

  /// The namespace with this name, ID, beginning of an ID, or process ID.
  static func namespace(_ word: String, _ host: HostView) throws -> NamespaceView {
    let others = Array(host.namespaces.dropFirst())
    let exact = others.filter { names($0).contains(word) || $0.processes.contains { "\($0)" == word } }
    let found = exact.isEmpty ? others.filter { $0.owner.id?.hasPrefix(word) ?? false } : exact
    if found.count == 1 { return found[0] }
    let known = Array(Set(others.flatMap { names($0) }))
    guard found.isEmpty else {
      let list = found.map { Terminal.plain($0.owner.name ?? $0.owner.id ?? "?") }.joined(separator: ", ")
      throw Problem("\(Terminal.plain(word)) is more than one: \(list)", .usage)
    }
    throw Problem("no container is called \(Terminal.plain(word))\(NearMatches.sentence(for: word, among: known)); see netctl ps", .usage)
  }

  private static func names(_ namespace: NamespaceView) -> [String] {
    [namespace.owner.name, namespace.owner.id].compactMap { $0 }
      + namespace.paths.filter { $0.hasPrefix("/run/netns/") }.map { String($0.dropFirst(11)) }
  }
}
