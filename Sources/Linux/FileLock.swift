import Glibc

/// An exclusive flock(2) lock on a file, held until its owner goes, also by SIGKILL.
public struct FileLock: ~Copyable {
  private let file: OwnedFile

  /// Creates the file where it is missing and waits until no other process holds its lock.
  public init(_ path: String) throws(SystemError) {
    let file = try OwnedFile(path, flags: [.readWrite, .create], mode: 0o600)
    while flock(file.descriptor, LOCK_EX) != 0 {
      guard Errno.last == .interrupted else { throw SystemError(.last, "lock \(path)") }
    }
    self.file = file
  }
}
