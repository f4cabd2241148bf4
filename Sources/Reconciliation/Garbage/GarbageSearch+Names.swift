internal import CNI
internal import Inspection
internal import Linux
internal import Routing

extension GarbageSearch {
  /// Names in /run/netns that lead nowhere, and namespaces that a runtime has made and nobody uses.
  mutating func searchNames() throws {
    var folders: [String] = [], seen: Set<FileIdentity> = []
    for folder in ["/run/netns", "/var/run/netns"] where FileSystem.isFolder(folder) {
      if let identity = try? FileIdentity(path: folder), seen.insert(identity).inserted { folders.append(folder) }
    }
    let referenced = Set(liveness.living.map(\.request.networkNamespacePath))
    for path in try folders.flatMap({ folder in try FileSystem.names(in: folder).sorted().map { "\(folder)/\($0)" } }) {
      guard !FileSystem.isFolder(path), !referenced.contains(path) else { continue }
      guard let identity = try namespace(path) else {
        add(Garbage(.namespace, path, owner: nil, age: age(of: path), reason: "it is no namespace any more", .name(path)))
        continue
      }
      guard isRuntimes(path), let position = liveness.host.namespaces.firstIndex(where: { $0.identity == identity }), position > 0 else {
        continue
      }
      let view = liveness.host.namespaces[position]
      let isConnected = view.interfaces.contains { liveness.host.peer(of: $0, in: position) != nil || $0.kind != "veth" }
      let isReferenced = liveness.living.contains { (try? FileIdentity(path: $0.request.networkNamespacePath)) == identity }
      if !view.processes.isEmpty || view.problem != nil || isConnected || isReferenced { continue }
      add(
        Garbage(
          .namespace, path, owner: nil, age: age(of: path), reason: "a runtime has made it; no process, no link and no attachment uses it",
          .name(path)))
    }
  }

  private func namespace(_ path: String) throws -> FileIdentity? {
    do { return try NetworkNamespace(path: path).file.identity() } catch {
      if error.code == .invalid { return nil }
      throw error
    }
  }

  /// What runtimes call the namespaces that they make: `cni-UUID` (containerd, CRI-O), `netns-UUID` (podman), `netctl-` and eight digits. All other
  /// names are a person's, and stay.
  private func isRuntimes(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    for (prefix, length) in [("cni-", 36), ("netns-", 36), ("netctl-", 8)] where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count)
      if rest.utf8.count == length, rest.allSatisfy({ $0.isHexDigit || $0 == "-" }) { return true }
    }
    return false
  }

  /// What the tuning plugin has saved for, and nerdctl has written for, containers that are gone.
  mutating func searchFiles() throws {
    let saved = "/run/cni/tuning"
    for name in FileSystem.isFolder(saved) ? try FileSystem.names(in: saved).sorted() : [] {
      guard name.hasSuffix(".json"), let mark = name.lastIndex(of: "_"), mark > name.startIndex else { continue }
      let container = String(name[..<mark])
      if liveness.lives(container) { continue }
      add(
        Garbage(
          .file, "\(saved)/\(name)", owner: container, age: age(of: "\(saved)/\(name)"), reason: "no container \(container) lives",
          .file("\(saved)/\(name)")))
    }
    let root = "/var/lib/nerdctl"
    for store in FileSystem.isFolder(root) ? try FileSystem.names(in: root).sorted() : [] {
      let hosts = "\(root)/\(store)/etchosts"
      for group in FileSystem.isFolder(hosts) ? try FileSystem.names(in: hosts).sorted() : [] where FileSystem.isFolder("\(hosts)/\(group)")
      {
        for container in try FileSystem.names(in: "\(hosts)/\(group)").sorted() {
          let path = "\(hosts)/\(group)/\(container)"
          // A container that is stopped keeps its folder, and its names for the next start.
          guard container.utf8.count == 64, FileSystem.isFolder(path), !liveness.lives(container),
            !FileSystem.isFolder("\(root)/\(store)/containers/\(group)/\(container)")
          else { continue }
          add(
            Garbage(
              .file, path, owner: "\(group)/\(container)", age: age(of: path),
              reason: "nerdctl has no container \(container.prefix(12)) any more",
              .folder(path)))
        }
      }
    }
  }
}
