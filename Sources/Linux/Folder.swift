import CLinux
import Glibc

/// An open folder. Names are looked up, created and removed relative to it, wherever its path leads meanwhile.
///
/// A name may be a relative path. Symbolic links are never followed at its end.
public struct Folder: ~Copyable {
  /// The path it was opened by, for messages.
  public let path: String
  let file: OwnedFile

  /// Opens a folder.
  public init(_ path: String) throws(SystemError) {
    file = try OwnedFile(path, flags: [.readOnly, .folder])
    self.path = path
  }

  /// Opens a folder; nil if there is nothing at the path.
  public init?(ifPresent path: String) throws(SystemError) {
    do { try self.init(path) } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
  }

  /// What stat(2) tells about the folder itself.
  public func status() throws(SystemError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(file.descriptor, &status) == 0 else { throw SystemError(.last, "stat \(path)") }
    return FileStatus(status)
  }

  /// What lstat(2) tells about a name; nil if there is no such name.
  public func status(of name: String) throws(SystemError) -> FileStatus? {
    var status = stat()
    if unsafe fstatat(file.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
    if Errno.last == .noEntry { return nil }
    throw SystemError(.last, "stat \(path)/\(name)")
  }

  /// The kind of file system the folder lies on.
  public func fileSystemType() throws(SystemError) -> FileSystemType {
    var status = statfs()
    while unsafe fstatfs(file.descriptor, &status) != 0 {
      guard Errno.last == .interrupted else { throw SystemError(.last, "stat the file system of \(path)") }
    }
    return FileSystemType(rawValue: UInt64(UInt32(truncatingIfNeeded: status.f_type)))
  }

  /// The names in the folder, without "." and "..", in no order.
  public func entries() throws(SystemError) -> [FolderEntry] {
    let again = try OwnedFile(".", in: file, flags: [.readOnly, .folder]).release()
    guard let stream = unsafe fdopendir(again) else {
      let failure = Errno.last
      close(again)
      throw SystemError(failure, "list \(path)")
    }
    return try unsafe FileSystem.entries(from: stream, path)
  }

  /// The names in a folder below this one; none if there is no such folder.
  public func entries(in name: String) throws(SystemError) -> [FolderEntry] {
    do { return try Folder(below: self, name).entries() } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
  }

  /// A file's whole content; nil if there is no such name. Fails with EFBIG past `limit` bytes and with ELOOP on a symbolic link.
  public func content(of name: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8]? {
    do { return try OwnedFile(name, in: file, flags: [.readOnly, .noFollow, .nonBlocking]).readToEnd(limit: limit) } catch {
      if error.code == .noEntry { return nil }
      throw SystemError(error.code, "read \(path)/\(name)")
    }
  }

  private init(below folder: borrowing Folder, _ name: String) throws(SystemError) {
    file = try OwnedFile(name, in: folder.file, flags: [.readOnly, .folder])
    path = "\(folder.path)/\(name)"
  }
}
