import CLinux
import Glibc

/// Whole files and folders by their paths.
public enum FileSystem {
  /// A file's whole content.
  public static func read(_ path: String, limit: Int = 1 << 26) throws(SystemError) -> [UInt8] {
    let file = try OwnedFile(path)
    do { return try file.readToEnd(limit: limit) } catch { throw SystemError(error.code, "\(error.operation) \(path)") }
  }

  /// A file's whole content, or nil if there is no such file.
  public static func readIfPresent(_ path: String, limit: Int = 1 << 26) throws(SystemError) -> [UInt8]? {
    do { return try read(path, limit: limit) } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
  }

  /// Creates a file that has its whole content from the first moment it can be seen; fails with EEXIST if the name is taken.
  public static func create(_ path: String, content: [UInt8], mode: UInt32 = 0o644) throws(SystemError) {
    let (folder, _) = split(path)
    do {
      let file = try OwnedFile(folder, flags: [.writeOnly, .unnamed], mode: mode)
      try file.write(content)
      try checked(unsafe clinux_link_unnamed(file.descriptor, AT_FDCWD, path), "create \(path)")
    } catch {
      // File systems without unnamed files answer EOPNOTSUPP, kernels before 3.11 EISDIR.
      guard error.code == .notSupported || error.code == .isDirectory else { throw SystemError(error.code, "create \(path)") }
      try place(content, at: path, mode: mode) { (temporary) throws(SystemError) in
        try checked(unsafe clinux_rename_exclusive(AT_FDCWD, temporary, path), "create \(path)")
      }
    }
  }

  /// Replaces or creates a file in one step: a reader sees the old content or the new one.
  public static func replace(_ path: String, content: [UInt8], mode: UInt32 = 0o644) throws(SystemError) {
    try place(content, at: path, mode: mode) { (temporary) throws(SystemError) in
      guard unsafe rename(temporary, path) == 0 else { throw SystemError(.last, "replace \(path)") }
    }
  }

  /// Removes a file; says whether it was there.
  @discardableResult
  public static func remove(_ path: String) throws(SystemError) -> Bool {
    if unsafe unlink(path) == 0 { return true }
    if Errno.last == .noEntry { return false }
    throw SystemError(.last, "remove \(path)")
  }

  /// Removes an empty folder; says whether it was there and empty.
  @discardableResult
  public static func removeFolder(_ path: String) throws(SystemError) -> Bool {
    if unsafe rmdir(path) == 0 { return true }
    if Errno.last == .noEntry || Errno.last == .notEmpty { return false }
    throw SystemError(.last, "remove \(path)")
  }

  /// Creates a folder and those above it where they are missing.
  public static func createFolders(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    if unsafe mkdir(path, mode) == 0 { return }
    let failure = Errno.last
    if failure == .noEntry, let parent = parent(of: path) {
      try createFolders(parent, mode: mode)
      if unsafe mkdir(path, mode) == 0 || Errno.last == .exists { return }
      throw SystemError(.last, "create \(path)")
    }
    guard failure == .exists else { throw SystemError(failure, "create \(path)") }
    guard isFolder(path) else { throw SystemError(.notDirectory, "create \(path)") }
  }

  /// Whether the path leads to a folder.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder, without "." and "..", in no order.
  public static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw SystemError(.last, "list \(path)") }
    return try unsafe entries(from: stream, path).map(\.name)
  }

  /// What an open directory stream has left, without "." and ".."; closes the stream.
  static func entries(from stream: OpaquePointer, _ path: String) throws(SystemError) -> [FolderEntry] {
    defer { unsafe closedir(stream) }
    var entries: [FolderEntry] = []
    errno = 0
    // readdir's entry is valid until the next call, and its name ends with a zero.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { entries.append(FolderEntry(name: name, inode: unsafe UInt64(entry.pointee.d_ino))) }
      errno = 0
    }
    guard errno == 0 else { throw SystemError(.last, "list \(path)") }
    return entries
  }

  /// Removes what writers that were killed have left in a folder: files named `.NAME.PID` of processes that are gone.
  public static func removeAbandoned(in folder: String) throws(SystemError) {
    let names: [String]
    do { names = try self.names(in: folder) } catch {
      if error.code == .noEntry { return }
      throw error
    }
    for name in names where name.hasPrefix(".") {
      guard let pid = name.split(separator: ".").last.flatMap({ Int32($0) }), pid > 0, kill(pid, 0) != 0, Errno.last == .noProcess else {
        continue
      }
      try remove("\(folder)/\(name)")
    }
  }

  /// What a symbolic link says.
  public static func target(ofLink path: String) throws(SystemError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    // The buffer is as long as the count says.
    let count = unsafe readlink(path, &buffer, buffer.count)
    if count < 0 { throw SystemError(.last, "read the link \(path)") }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The folder that a path's last part lies in; "." for a bare name.
  public static func folder(of path: String) -> String { split(path).folder }

  /// The folder and the last part of a path; the folder of a bare name is ".".
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  private static func parent(of path: String) -> String? {
    let (folder, _) = split(path)
    return folder == path || folder == "." ? nil : folder
  }

  /// Writes the content under a temporary name beside the target, lets `move` give it its name, and leaves no temporary file behind.
  private static func place(
    _ content: [UInt8], at path: String, mode: UInt32, move: (String) throws(SystemError) -> Void
  ) throws(SystemError) {
    let (folder, name) = split(path)
    let temporary = "\(folder)/.\(name).\(getpid())"
    do {
      let file = try OwnedFile(temporary, flags: [.writeOnly, .create, .truncate], mode: mode)
      try file.write(content)
      try move(temporary)
    } catch {
      _ = unsafe unlink(temporary)
      throw SystemError(error.code, "write \(path)")
    }
  }
}
