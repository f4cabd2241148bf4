internal import CLinux
internal import Glibc
public import Linux

/// The right to start, supervise or remove a container, held by one process at a time and lost with its last holder, also by SIGKILL.
///
/// It is a file named after the container's ID in `RUN/alive` with a flock(2) lock that a child process can inherit. The name appears when the
/// lock is already held, so a file that can be locked by somebody else belongs to a container whose supervisor was killed.
public struct ContainerClaim: ~Copyable {
  /// The container's ID.
  public let id: String
  private let file: OwnedFile
  private let path: String

  /// What came of trying to take a claim.
  public enum Outcome: ~Copyable {
    /// It is ours.
    case taken(ContainerClaim)
    /// A living process has it.
    case held
    /// Nobody living has it, but its last holder did not clean up: whoever gets this must, and then release it.
    case orphaned(ContainerClaim)
  }

  private init(id: String, file: consuming OwnedFile, path: String) {
    self.id = id
    self.file = file
    self.path = path
  }

  /// Tries to take the claim on a container.
  public static func take(_ id: String, in places: Places) throws(SystemError) -> Outcome {
    let path = "\(places.claims)/\(id)"
    if let orphan = try adopt(id, in: places) { return .orphaned(orphan) }
    let draft = "\(places.claims)/.\(id).\(getpid())"
    let file = try open(draft, places, flags: [.readWrite, .create])
    guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw SystemError(.last, "lock \(draft)") }
    let result = clinux_rename_exclusive(AT_FDCWD, draft, path)
    if result == 0 { return .taken(ContainerClaim(id: id, file: file, path: path)) }
    try FileSystem.remove(draft)
    guard result == -EEXIST else { throw SystemError(Errno(rawValue: -result), "create \(path)") }
    return .held
  }

  /// Takes over the claim of a container whose holder was killed; nil if there is no claim or its holder lives.
  public static func adopt(_ id: String, in places: Places) throws(SystemError) -> ContainerClaim? {
    let path = "\(places.claims)/\(id)"
    let file: OwnedFile
    do { file = try OwnedFile(path, flags: .readWrite) } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
    guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if Errno.last == .tryAgain { return nil }
      throw SystemError(.last, "lock \(path)")
    }
    // Its holder may have released it, and somebody else taken it, between the two calls.
    guard let present = try? FileIdentity(path: path), try file.identity() == present else { return nil }
    return ContainerClaim(id: id, file: file, path: path)
  }

  /// Continues a claim that was inherited as an open descriptor.
  public init(inherited descriptor: Int32, id: String, in places: Places) {
    self.init(id: id, file: OwnedFile(adopting: descriptor), path: "\(places.claims)/\(id)")
  }

  /// Whether a living process holds the claim on a container.
  public static func isHeld(_ id: String, in places: Places) -> Bool {
    guard let file = try? OwnedFile("\(places.claims)/\(id)", flags: .readWrite) else { return false }
    // A shared lock, so that two that look at once do not see each other.
    return flock(file.descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// The IDs of all claims, held or not.
  public static func all(in places: Places) throws(SystemError) -> [String] {
    let names: [String]
    do { names = try FileSystem.names(in: places.claims) } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
    // A name that is about to appear, or whose maker was killed.
    if names.contains(where: { $0.hasPrefix(".") }) { try FileSystem.removeAbandoned(in: places.claims) }
    return names.filter { !$0.hasPrefix(".") }
  }

  /// Writes down the cgroup that is about to be made, for whoever cleans up if we are killed.
  borrowing func note(cgroup folders: [String]) throws(SystemError) {
    let text = Array((folders.joined(separator: "\n") + "\n").utf8)
    guard ftruncate(file.descriptor, 0) == 0, pwrite(file.descriptor, text, text.count, 0) == text.count else {
      throw SystemError(.last, "write \(path)")
    }
  }

  /// The folders of the cgroup that a holder has noted.
  borrowing func notedCgroup() throws(SystemError) -> [String] {
    try String(decoding: FileSystem.read(path), as: UTF8.self).split(separator: "\n").map { String($0) }
  }

  /// The descriptor that a child process inherits together with the claim.
  public var descriptor: Int32 { file.descriptor }

  /// Leaves the claim to a child that has inherited the descriptor: the name stays.
  public consuming func handOver() {}

  /// Gives the claim up: the container has no supervisor and nothing that runs.
  public consuming func release() throws(SystemError) { try FileSystem.remove(path) }

  private static func open(_ path: String, _ places: Places, flags: OpenFlags) throws(SystemError) -> OwnedFile {
    do { return try OwnedFile(path, flags: flags, mode: 0o600) } catch {
      guard error.code == .noEntry else { throw error }
      try FileSystem.createFolders(places.claims, mode: 0o700)
      return try OwnedFile(path, flags: flags, mode: 0o600)
    }
  }
}
