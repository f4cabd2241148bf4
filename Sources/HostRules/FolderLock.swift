import Glibc
import Linux

/// An exclusive flock(2) lock on a folder, held until its owner goes.
struct FolderLock: ~Copyable {
  private let folder: OwnedFile

  init(_ path: String) throws(SystemError) {
    let folder = try OwnedFile(path, flags: [.readOnly, .folder])
    while flock(folder.descriptor, LOCK_EX) != 0 {
      guard Errno.last == .interrupted else { throw SystemError(.last, "lock \(path)") }
    }
    self.folder = folder
  }

  func identity() throws(SystemError) -> FileIdentity { try folder.identity() }
}
