import Glibc

/// A flock(2) lock on a file, held until its owner goes, also by SIGKILL.
public struct FileLock: ~Copyable {
  /// Who may hold the lock at the same time.
  public enum Kind: Sendable {
    /// Nobody else.
    case exclusive
    /// Others that want it shared.
    case shared
  }

  private let file: OwnedFile

  /// Creates the file where it is missing and waits until no other process holds its lock.
  public init(_ path: String, _ kind: Kind = .exclusive) throws(SystemError) {
    let file = try OwnedFile(path, flags: [.readWrite, .create], mode: 0o600)
    try FileLock.wait(for: file, kind, path)
    self.file = file
  }

  /// The same with a name in an open folder.
  public init(_ name: String, in folder: borrowing Folder) throws(SystemError) {
    let file: OwnedFile
    do { file = try OwnedFile(name, in: folder.file, flags: [.readWrite, .create, .noFollow], mode: 0o600) } catch {
      throw SystemError(error.code, "open \(folder.path)/\(name)")
    }
    try FileLock.wait(for: file, .exclusive, "\(folder.path)/\(name)")
    self.file = file
  }

  /// Takes the exclusive lock if nobody holds it; nil otherwise.
  public init?(ifFree path: String) throws(SystemError) {
    let file = try OwnedFile(path, flags: [.readWrite, .create], mode: 0o600)
    guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if Errno.last == .tryAgain { return nil }
      throw SystemError(.last, "lock \(path)")
    }
    self.file = file
  }

  /// Gives the lock up at once. Without it that happens when the last copy of the descriptor is closed, and a child process that is just being
  /// started has one.
  public consuming func unlock() { _ = flock(file.descriptor, LOCK_UN) }

  private static func wait(for file: borrowing OwnedFile, _ kind: Kind, _ path: String) throws(SystemError) {
    while flock(file.descriptor, kind == .shared ? LOCK_SH : LOCK_EX) != 0 {
      guard Errno.last == .interrupted else { throw SystemError(.last, "lock \(path)") }
    }
  }
}
