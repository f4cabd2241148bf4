internal import CLinux
internal import Glibc
internal import Linux

/// What is in a folder that is open.
enum DirectoryListing {
  /// Opens a folder below an open one, for listing; a symbolic link is not followed.
  static func open(_ name: String, in folder: Int32) throws(SystemError) -> OwnedFile {
    let flags: OpenFlags = [.readOnly, .folder, .noFollow]
    let result = clinux_open(folder, name, flags.rawValue, 0)
    if result >= 0 { return OwnedFile(adopting: result) }
    throw SystemError(Errno(rawValue: -result), "open \(name)")
  }

  /// The names without "." and "..", sorted by their bytes. Throws for one that is no text: it could not be found by what it would be read as.
  static func names(in folder: borrowing OwnedFile) throws -> [String] {
    let copy = try OwnedFile(".", in: folder, flags: [.readOnly, .folder]).release()
    guard let stream = fdopendir(copy) else {
      let failure = Errno.last
      close(copy)
      throw SystemError(failure, "list a folder")
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    // readdir's entry is valid until the next call, and its name ends with a zero.
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
      }
      guard let name else { throw ImageError(.path, "the name '\(readable(entry))' is not UTF-8") }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemError(.last, "list a folder") }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A name with signs in place of what is no text.
  private static func readable(_ entry: UnsafeMutablePointer<dirent>) -> String {
    withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
  }
}
