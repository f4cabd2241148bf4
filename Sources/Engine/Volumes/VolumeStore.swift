internal import Glibc
internal import JSON
internal import Linux
internal import Wording

/// The volumes of a root folder: `ROOT/volumes/<name>/_data`, with what is known of one in `volume.json` beside it.
public struct VolumeStore: Sendable {
  /// `ROOT/volumes`
  public let path: String

  /// Opens the store; nothing is created.
  public init(_ places: Places) { path = "\(places.root)/volumes" }

  /// All volumes, by name.
  public func volumes() throws -> [Volume] {
    let names: [String]
    do { names = try FileSystem.names(in: path).filter { VolumeStore.isName($0) }.sorted() } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
    return try names.compactMap { try find($0) }
  }

  /// The volume with the name; throws `get NAME: no such volume`.
  public func volume(named name: String) throws -> Volume {
    if let volume = try find(name) { return volume }
    throw EngineError("get \(name): no such volume\(NearMatches.sentence(for: name, among: try volumes().map(\.name)))")
  }

  /// Makes a volume, or answers the one that has this name already; nil makes an anonymous one.
  @discardableResult
  public func create(_ name: String?, labels: [String] = [], isAnonymous: Bool = false) throws -> Volume {
    if let name, !VolumeStore.isName(name) { throw VolumeStore.badName(name) }
    for label in labels where label.isEmpty || label.hasPrefix("=") {
      throw EngineError("invalid argument \"\(label)\" for --label: expected NAME or NAME=VALUE")
    }
    var volume = Volume()
    volume.name = name ?? ContainerIdentifier.random()
    volume.isAnonymous = isAnonymous || name == nil
    volume.created = Timestamp.now().description
    volume.labels = labels
    let lock = try lock()
    if let present = try find(volume.name) { return present }
    // What a removal that was killed has left is not for others.
    try FileSystem.removeTree("\(path)/\(volume.name)")
    try FileSystem.createFolders(contentPath(of: volume.name))
    // With this file the volume is one.
    try FileSystem.replace(file(of: volume.name), content: Array((volume.json.text + "\n").utf8), mode: 0o600)
    withExtendedLifetime(lock) {}
    return volume
  }

  /// Removes a volume with its content; throws if a container has it, running or not.
  public func remove(_ name: String, in containers: ContainerStore) throws {
    let lock = try lock(), volume = try volume(named: name)
    let users = try users(of: name, in: containers)
    guard users.isEmpty else {
      throw EngineError("remove \(name): volume is in use - [\(users.joined(separator: ", "))]")
    }
    // From here on nobody finds it.
    try FileSystem.remove(file(of: volume.name))
    try FileSystem.removeTree("\(path)/\(volume.name)")
    withExtendedLifetime(lock) {}
  }

  /// The IDs of the containers that have a volume, running or not.
  public func users(of name: String, in containers: ContainerStore) throws -> [String] {
    try containers.records().filter { record in record.mounts.contains { $0.kind == .volume && $0.name == name } }.map(\.id)
  }

  /// The names of the volumes that containers have, running or not.
  public func usedNames(in containers: ContainerStore) throws -> Set<String> {
    Set(try containers.records().flatMap { $0.mounts.filter { $0.kind == .volume }.map(\.name) })
  }

  /// Removes the volumes that no container has; answers their names, and how many bytes they took. Named ones stay unless they are meant too.
  public func prune(namedToo: Bool, _ containers: ContainerStore) throws -> (names: [String], size: Int) {
    let used = try usedNames(in: containers)
    var names: [String] = [], size = 0
    for volume in try volumes() where !used.contains(volume.name) && (namedToo || volume.isAnonymous) {
      let content = (try? FileSystem.sizeOfTree(contentPath(of: volume.name))) ?? 0
      // A container may have got it a moment ago, or somebody else removed it.
      do { try remove(volume.name, in: containers) } catch is EngineError { continue }
      names.append(volume.name)
      size += content
    }
    return (names, size)
  }

  /// The folder to mount for a volume.
  public func contentPath(of name: String) -> String { "\(path)/\(name)/_data" }

  /// Held while volumes come and go, so that no container gets one that is being removed.
  private func lock() throws -> FileLock {
    try FileSystem.createFolders(path, mode: 0o711)
    return try FileLock("\(path)/.lock")
  }

  /// What is wrong with a name that is none, in docker's words.
  static func badName(_ name: String) -> EngineError {
    if name.utf8.count == 1 {
      return EngineError(
        "create \(name): volume name is too short, names should be at least two alphanumeric characters", exitCode: 125)
    }
    return EngineError(
      "create \(name): \"\(name)\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. "
        + "If you intended to pass a host directory, use absolute path", exitCode: 125)
  }

  /// Whether a name is one: a letter or digit, then at least one of letters, digits, `_`, `.`, `-`. So it is a safe file name, too.
  public static func isName(_ text: String) -> Bool { text.utf8.count >= 2 && ContainerStore.isName(text) }

  private func file(of name: String) -> String { "\(path)/\(name)/volume.json" }

  private func find(_ name: String) throws -> Volume? {
    guard VolumeStore.isName(name), let content = try FileSystem.readIfPresent(file(of: name)) else { return nil }
    do { return try Volume(json: JSONValue(parsing: content)) } catch { throw EngineError("\(file(of: name)): \(error)") }
  }
}
