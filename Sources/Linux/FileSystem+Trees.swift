import CLinux
import Glibc

extension FileSystem {
  /// The length of a file in bytes, symbolic links followed.
  public static func size(_ path: String) throws(SystemError) -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError(.last, "stat \(path)") }
    return Int(status.st_size)
  }

  /// Whether there is anything at the path, symbolic links followed.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Removes a file, or a folder with everything below it; nothing if it is not there. Symbolic links are removed, never followed.
  public static func removeTree(_ path: String) throws(SystemError) {
    let (folder, name) = split(path)
    guard let parent = try Folder(ifPresent: folder) else { return }
    try removeTree(name, in: parent.file, path)
  }

  private static func removeTree(_ name: String, in folder: borrowing OwnedFile, _ path: String) throws(SystemError) {
    if unsafe unlinkat(folder.descriptor, name, 0) == 0 || Errno.last == .noEntry { return }
    guard Errno.last == .isDirectory || Errno.last == .notPermitted else { throw SystemError(.last, "remove \(path)") }
    if unsafe unlinkat(folder.descriptor, name, AT_REMOVEDIR) == 0 || Errno.last == .noEntry { return }
    guard Errno.last == .notEmpty || Errno.last == .exists else { throw SystemError(.last, "remove \(path)") }
    let inner = try opened(name, in: folder, path)
    let again = try OwnedFile(".", in: inner, flags: [.readOnly, .folder]).release()
    guard let stream = unsafe fdopendir(again) else {
      let failure = Errno.last
      close(again)
      throw SystemError(failure, "list \(path)")
    }
    for entry in try unsafe entries(from: stream, path) { try removeTree(entry.name, in: inner, "\(path)/\(entry.name)") }
    guard unsafe unlinkat(folder.descriptor, name, AT_REMOVEDIR) == 0 || Errno.last == .noEntry else {
      throw SystemError(.last, "remove \(path)")
    }
  }

  /// Opens a folder to empty it, also one that its owner may not write to or look into.
  private static func opened(_ name: String, in folder: borrowing OwnedFile, _ path: String) throws(SystemError) -> OwnedFile {
    do { return try OwnedFile(name, in: folder, flags: [.readOnly, .folder, .noFollow]) } catch {
      guard error.code == .accessDenied, unsafe fchmodat(folder.descriptor, name, 0o700, 0) == 0 else {
        throw SystemError(error.code, "open \(path)")
      }
      return try OwnedFile(name, in: folder, flags: [.readOnly, .folder, .noFollow])
    }
  }

  /// How much room a file, or a folder with everything below it, takes on its disk, in bytes. What goes meanwhile does not count.
  public static func sizeOfTree(_ path: String) throws(SystemError) -> Int {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return 0 }
    var size = Int(status.st_blocks) * 512
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { size += try sizeOfTree("\(path)/\(name)") }
    }
    return size
  }
}
