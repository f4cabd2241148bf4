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
    try removeTree(Array(name.utf8CString), in: parent.file, path)
  }

  /// Names are taken as bytes here: containers make files whose names are no text.
  private static func removeTree(_ name: [CChar], in folder: borrowing OwnedFile, _ path: String) throws(SystemError) {
    if unsafe unlinkat(folder.descriptor, name, 0) == 0 || Errno.last == .noEntry { return }
    guard Errno.last == .isDirectory || Errno.last == .notPermitted else { throw SystemError(.last, "remove \(path)") }
    if unsafe unlinkat(folder.descriptor, name, AT_REMOVEDIR) == 0 || Errno.last == .noEntry { return }
    guard Errno.last == .notEmpty || Errno.last == .exists else { throw SystemError(.last, "remove \(path)") }
    let inner = try opened(name, in: folder, path)
    for entry in try namesAsBytes(in: inner, path) { try removeTree(entry, in: inner, path) }
    guard unsafe unlinkat(folder.descriptor, name, AT_REMOVEDIR) == 0 || Errno.last == .noEntry else {
      throw SystemError(.last, "remove \(path)")
    }
  }

  /// Opens a folder to empty it, also one that its owner may not write to or look into.
  private static func opened(_ name: [CChar], in folder: borrowing OwnedFile, _ path: String) throws(SystemError) -> OwnedFile {
    let flags: OpenFlags = [.readOnly, .folder, .noFollow]
    var descriptor = unsafe clinux_open(folder.descriptor, name, flags.rawValue, 0)
    if descriptor == -EACCES, unsafe fchmodat(folder.descriptor, name, 0o700, 0) == 0 {
      descriptor = unsafe clinux_open(folder.descriptor, name, flags.rawValue, 0)
    }
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "open \(path)") }
    return OwnedFile(adopting: descriptor)
  }

  /// The names in an open folder with their zeros, without "." and "..".
  private static func namesAsBytes(in folder: borrowing OwnedFile, _ path: String) throws(SystemError) -> [[CChar]] {
    let again = try OwnedFile(".", in: folder, flags: [.readOnly, .folder]).release()
    guard let stream = unsafe fdopendir(again) else {
      let failure = Errno.last
      close(again)
      throw SystemError(failure, "list \(path)")
    }
    defer { unsafe closedir(stream) }
    var names: [[CChar]] = []
    errno = 0
    // readdir's entry is valid until the next call, and its name ends with a zero.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe $0.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0] }
      if name != [46, 0], name != [46, 46, 0] { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemError(.last, "list \(path)") }
    return names
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
