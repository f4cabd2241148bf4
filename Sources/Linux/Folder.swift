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
  public func names() throws(SystemError) -> [String] {
    let again = try OwnedFile(".", in: file, flags: [.readOnly, .folder]).release()
    guard let stream = unsafe fdopendir(again) else {
      let failure = Errno.last
      close(again)
      throw SystemError(failure, "list \(path)")
    }
    return try unsafe FileSystem.names(from: stream, path)
  }

  /// The names in a folder below this one; nil if there is no such folder.
  public func names(in name: String) throws(SystemError) -> [String]? {
    do { return try Folder(below: self, name).names() } catch {
      if error.code == .noEntry { return nil }
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

  /// The target of a symbolic link; nil if there is no such name or it is no link.
  public func linkTarget(of name: String) throws(SystemError) -> String? {
    let target = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(PATH_MAX)) { buffer -> String? in
      // readlinkat writes at most the given number of bytes, and tells how many.
      let length = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer -> Int in
        guard let start = buffer.baseAddress else { return -1 }
        return unsafe readlinkat(file.descriptor, name, start, buffer.count)
      }
      return length < 0 ? nil : unsafe String(decoding: buffer[..<length], as: UTF8.self)
    }
    if let target { return target }
    if Errno.last == .noEntry || Errno.last == .invalid { return nil }
    throw SystemError(.last, "read link \(path)/\(name)")
  }

  private init(below folder: borrowing Folder, _ name: String) throws(SystemError) {
    file = try OwnedFile(name, in: folder.file, flags: [.readOnly, .folder])
    path = "\(folder.path)/\(name)"
  }
}
