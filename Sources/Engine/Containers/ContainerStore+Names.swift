internal import Glibc
internal import Linux

extension ContainerStore {
  /// The container that a person means: by its name, its ID or the beginning of its ID. The error names what is like it.
  public func find(_ word: String) throws -> ContainerRecord {
    let word = word.hasPrefix("/") ? String(word.dropFirst()) : word
    guard let id = try identify(word), let record = try record(id) else { throw try unknown(word) }
    return record
  }

  /// The ID of the container that a person means; nil if there is none.
  public func identify(_ word: String) throws -> String? {
    if ContainerStore.isName(word), let id = try owner(of: word), try record(id) != nil { return id }
    guard !word.isEmpty, word.utf8.count <= 64, word.utf8.allSatisfy({ ContainerStore.isHexadecimal($0) }) else { return nil }
    let found = try ids().filter { $0.hasPrefix(word) }
    if found.count > 1 { throw EngineError("multiple IDs found with provided prefix: \(word)") }
    return found.first
  }

  /// The ID that a name leads to; nil if it is free.
  func owner(of name: String) throws(SystemError) -> String? {
    do { return try FileSystem.target(ofLink: link(name)) } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
  }

  /// Takes a name for a container. A name whose container is gone, because somebody was killed meanwhile, is free.
  func reserve(_ name: String, for id: String) throws {
    guard ContainerStore.isName(name) else {
      throw EngineError("Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", exitCode: 125)
    }
    if symlink(id, link(name)) == 0 { return }
    if Errno.last == .noEntry {
      try FileSystem.createFolders(places.names, mode: 0o700)
      if symlink(id, link(name)) == 0 { return }
    }
    guard Errno.last == .exists else { throw SystemError(.last, "create \(link(name))") }
    // Only one at a time may find out that a name is stale and take it over.
    let lock = try FileLock("\(places.names)/.lock")
    if let other = try owner(of: name), other != id, let holder = try record(other), holder.name == name {
      throw EngineError(
        "Conflict. The container name \"/\(name)\" is already in use by container \"\(other)\". "
          + "You have to remove (or rename) that container to be able to reuse that name.", exitCode: 125)
    }
    try forget(name)
    guard symlink(id, link(name)) == 0 else { throw SystemError(.last, "create \(link(name))") }
    withExtendedLifetime(lock) {}
  }

  /// Frees a name.
  func forget(_ name: String) throws(SystemError) { try FileSystem.remove(link(name)) }

  /// Whether a name is one: a letter or digit, then letters, digits, `_`, `.`, `-`.
  public static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 128 else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-")].contains($0) }
  }

  private func unknown(_ word: String) throws -> EngineError {
    let names = try records().map(\.name)
    let hint = NearMatches.sentence(for: word, among: names)
    return EngineError(ContainerStore.missing(word).description + hint)
  }

  private func link(_ name: String) -> String { "\(places.names)/\(name)" }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }
}
