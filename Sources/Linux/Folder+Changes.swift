import CLinux
import Glibc

extension Folder {
  /// Creates a file that has its whole content from the first moment it can be seen; says whether the name was free.
  ///
  /// Where the file system knows no unnamed files, the content is written under the name `scratch` first, which nobody else may use meanwhile.
  public func create(_ name: String, content: [UInt8], scratch: String, mode: UInt32 = 0o644) throws(SystemError) -> Bool {
    do {
      let unnamed = try OwnedFile(".", in: file, flags: [.writeOnly, .unnamed], mode: mode)
      try unnamed.write(content)
      try checked(unsafe clinux_link_unnamed(unnamed.descriptor, file.descriptor, name), "create")
      return true
    } catch {
      if error.code == .exists { return false }
      // File systems without unnamed files answer EOPNOTSUPP, kernels before 3.11 EISDIR.
      guard error.code == .notSupported || error.code == .isDirectory else { throw SystemError(error.code, "create \(path)/\(name)") }
      return try create(name, content: content, renaming: scratch, mode: mode)
    }
  }

  /// Overwrites a file's content in place, or creates the file. Not atomic: a reader may see the new content with the end of the old one.
  public func overwrite(_ name: String, content: [UInt8], mode: UInt32 = 0o644) throws(SystemError) {
    do throws(SystemError) {
      let target = try OwnedFile(name, in: file, flags: [.writeOnly, .create, .noFollow], mode: mode)
      try target.write(content)
      var status = stat()
      guard unsafe fstat(target.descriptor, &status) == 0 else { throw SystemError(.last, "stat") }
      if status.st_size <= content.count { return }
      guard ftruncate(target.descriptor, content.count) == 0 else { throw SystemError(.last, "truncate") }
    } catch { throw SystemError(error.code, "write \(path)/\(name)") }
  }

  /// Removes a file or a link; says whether it was there.
  @discardableResult
  public func remove(_ name: String) throws(SystemError) -> Bool {
    while unsafe unlinkat(file.descriptor, name, 0) != 0 {
      if Errno.last == .noEntry { return false }
      guard Errno.last == .interrupted else { throw SystemError(.last, "remove \(path)/\(name)") }
    }
    return true
  }

  /// Gives a file a second name; says whether that name was free.
  public func addName(_ newName: String, to name: String) throws(SystemError) -> Bool {
    while unsafe linkat(file.descriptor, name, file.descriptor, newName, 0) != 0 {
      if Errno.last == .exists { return false }
      guard Errno.last == .interrupted else { throw SystemError(.last, "create \(path)/\(newName)") }
    }
    return true
  }

  /// Creates a folder below this one; says whether the name was free.
  @discardableResult
  public func createFolder(_ name: String, mode: UInt32 = 0o755) throws(SystemError) -> Bool {
    while unsafe mkdirat(file.descriptor, name, mode) != 0 {
      if Errno.last == .exists { return false }
      guard Errno.last == .interrupted else { throw SystemError(.last, "create \(path)/\(name)") }
    }
    return true
  }

  /// Sets the times of the last access to and the last content change of a name, or of the folder itself (".").
  public func setTimes(of name: String, to time: FileStatus.Time) throws(SystemError) {
    let times = [timespec](repeating: timespec(tv_sec: time.seconds, tv_nsec: time.nanoseconds), count: 2)
    // utimensat reads exactly two times.
    guard unsafe utimensat(file.descriptor, name, times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw SystemError(.last, "set the times of \(path)/\(name)")
    }
  }

  /// Checks that a file can be created here and holds content, without leaving anything behind.
  public func checkWritable() throws(SystemError) {
    do {
      let probe = try OwnedFile(".", in: file, flags: [.writeOnly, .unnamed], mode: 0o600)
      try probe.write([0])
    } catch {
      guard error.code == .notSupported || error.code == .isDirectory else { throw SystemError(error.code, "create a file in \(path)") }
      guard unsafe faccessat(file.descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
        throw SystemError(.last, "create a file in \(path)")
      }
    }
  }

  private func create(_ name: String, content: [UInt8], renaming scratch: String, mode: UInt32) throws(SystemError) -> Bool {
    do throws(SystemError) {
      let target = try OwnedFile(scratch, in: file, flags: [.writeOnly, .create, .truncate, .noFollow], mode: mode)
      try target.write(content)
      // Network file systems may tell only here that the content did not fit.
      guard close(target.release()) == 0 else { throw SystemError(.last, "close") }
      try checked(unsafe clinux_rename_exclusive(file.descriptor, scratch, name), "rename")
      return true
    } catch {
      _ = unsafe unlinkat(file.descriptor, scratch, 0)
      if error.code == .exists { return false }
      throw SystemError(error.code, "create \(path)/\(name)")
    }
  }
}
