internal import Glibc
internal import JSON
internal import Linux

/// Finds out who made namespaces. What it has read of parents is kept for the next one.
struct OwnerSearch {
  private var monitors: [Int32: NamespaceOwner?] = [:]

  /// The owner of a namespace with processes or names.
  mutating func owner(processes: [Int32], paths: [String]) -> NamespaceOwner {
    for process in processes.prefix(8) { if let owner = owner(of: process) { return owner } }
    for path in paths { if let owner = OwnerSearch.owner(ofPath: path) { return owner } }
    if let path = paths.first { return NamespaceOwner(.bare, name: String(path.split(separator: "/").last ?? "")) }
    return NamespaceOwner(.bare)
  }

  /// A container's processes descend from the program that its runtime leaves to watch it.
  private mutating func owner(of process: Int32) -> NamespaceOwner? {
    var process = process, seen: [Int32] = []
    defer { for pid in seen where monitors[pid] == nil { monitors[pid] = .some(nil) } }
    for _ in 0..<64 {
      if let known = monitors[process] { return known }
      guard let status = ProcessStatus(running: process) else { return OwnerSearch.owner(ofCgroup: seen.first ?? process) }
      if let owner = OwnerSearch.owner(watchedBy: status, process) {
        for pid in seen { monitors[pid] = owner }
        // The watching program itself is in its runtime's namespace.
        return seen.isEmpty ? nil : owner
      }
      seen.append(process)
      process = status.parent
      if process <= 1 { break }
    }
    return seen.first.flatMap { OwnerSearch.owner(ofCgroup: $0) }
  }

  /// Whom a watching program watches for.
  private static func owner(watchedBy status: ProcessStatus, _ process: Int32) -> NamespaceOwner? {
    switch status.name {
    case "conmon", "conmonrs":
      let words = ProcessStatus.commandLine(of: process)
      guard let id = value(after: ["-c", "--cid"], in: words) else { return nil }
      let isPod = words.contains { $0.contains("crio") || $0.contains("cri-o") }
      return NamespaceOwner(isPod ? .crio : .podman, id: id, name: value(after: ["-n", "--name"], in: words))
    case let name where name.hasPrefix("containerd-shim"):
      let words = ProcessStatus.commandLine(of: process)
      guard let id = value(after: ["-id"], in: words), let namespace = value(after: ["-namespace"], in: words) else { return nil }
      return namespace == "moby" ? docker(id) : NamespaceOwner(.containerd, id: id, name: "\(namespace)/\(id.prefix(12))")
    case let name where name.hasPrefix("libvirt_lxc"):
      return NamespaceOwner(.libvirt, name: value(after: ["--name"], in: ProcessStatus.commandLine(of: process)))
    default:
      let words = ProcessStatus.commandLine(of: process)
      guard words.count > 2, words[1] == "--supervise" else { return nil }
      return NamespaceOwner(.berth, id: words[2], name: words.count > 3 ? berthName(words[2], root: words[3]) : nil)
    }
  }

  /// What the names of its cgroups tell, when the watching program is gone or hidden.
  private static func owner(ofCgroup process: Int32) -> NamespaceOwner? {
    guard let content = try? FileSystem.readIfPresent("/proc/\(process)/cgroup") else { return nil }
    for part in String(decoding: content, as: UTF8.self).split(whereSeparator: { $0 == "/" || $0 == "\n" }).reversed() {
      let name = part.hasSuffix(".scope") ? part.dropLast(6) : part
      for (prefix, kind) in prefixes where name.hasPrefix(prefix) {
        let id = String(name.dropFirst(prefix.count))
        if isIdentifier(id) { return kind == .docker ? docker(id) : NamespaceOwner(kind, id: id) }
      }
    }
    return nil
  }

  private static let prefixes: [(String, NamespaceOwner.Kind)] = [
    ("libpod-", .podman), ("docker-", .docker), ("cri-containerd-", .containerd), ("nerdctl-", .containerd), ("crio-", .crio),
  ]

  /// Files that runtimes mount namespaces on.
  private static func owner(ofPath path: String) -> NamespaceOwner? {
    if path.contains("/docker/netns/") { return NamespaceOwner(.docker, name: String(path.split(separator: "/").last ?? "")) }
    return nil
  }

  private static func docker(_ id: String) -> NamespaceOwner {
    let file = "/var/lib/docker/containers/\(id)/config.v2.json"
    guard let content = try? FileSystem.readIfPresent(file), case .object(let object)? = try? JSONValue(parsing: content),
      case .string(let name)? = object["Name"]
    else { return NamespaceOwner(.docker, id: id) }
    return NamespaceOwner(.docker, id: id, name: name.hasPrefix("/") ? String(name.dropFirst()) : name)
  }

  private static func berthName(_ id: String, root: String) -> String? {
    guard let content = try? FileSystem.readIfPresent("\(root)/containers/\(id)/container.json"),
      case .object(let object)? = try? JSONValue(parsing: content), case .string(let name)? = object["name"]
    else { return nil }
    return name
  }

  private static func value(after options: [String], in words: [String]) -> String? {
    for (position, word) in words.enumerated() where options.contains(word) && position + 1 < words.count { return words[position + 1] }
    return nil
  }

  private static func isIdentifier(_ text: String) -> Bool { text.utf8.count == 64 && text.allSatisfy { $0.isHexDigit } }
}
