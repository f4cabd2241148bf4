import CLinux
import Glibc

/// One open file descriptor, closed when its owner goes.
public struct OwnedFile: ~Copyable {
  /// The descriptor's number; valid as long as the owner lives.
  public let descriptor: Int32

  /// Takes over a descriptor that nobody else will close.
  public init(adopting descriptor: Int32) { self.descriptor = descriptor }

  /// Opens a file by its path.
  public init(_ path: String, flags: OpenFlags = .readOnly, mode: UInt32 = 0o644) throws(SystemError) {
    descriptor = try checked(unsafe clinux_open(AT_FDCWD, path, flags.rawValue, mode), "open \(path)")
  }

  /// Opens a file relative to an open directory.
  public init(_ path: String, in directory: borrowing OwnedFile, flags: OpenFlags = .readOnly, mode: UInt32 = 0o644) throws(SystemError) {
    descriptor = try checked(unsafe clinux_open(directory.descriptor, path, flags.rawValue, mode), "open \(path)")
  }

  deinit { close(descriptor) }

  /// Gives the descriptor away: the caller closes it.
  public consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  /// Reads from the current position to the end; fails with EFBIG past `limit` bytes.
  public func readToEnd(limit: Int = 1 << 26) throws(SystemError) -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](scratch: 16384)
    while true {
      // The buffer is as long as the count says.
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 {
        if Errno.last == .interrupted { continue }
        throw SystemError(.last, "read")
      }
      content += chunk[..<count]
      if content.count > limit { throw SystemError(.fileTooBig, "read more than \(limit) bytes") }
    }
  }

  /// Writes all the bytes, in as many calls as the kernel wants.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    var start = 0
    while start < bytes.count {
      // The slice stays inside the array.
      let count = unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if Errno.last == .interrupted { continue }
        throw SystemError(.last, "write")
      }
      start += count
    }
  }

  /// The file's device and inode: equal for two descriptors exactly when they name the same file.
  public func identity() throws(SystemError) -> FileIdentity {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(.last, "stat") }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}

/// What makes two names one file: device and inode numbers, stat(2).
public struct FileIdentity: Hashable, Sendable {
  /// The number of the file system's device.
  public let device: UInt64
  /// The number of the file in its file system.
  public let inode: UInt64

  /// Joins a device and an inode number.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// The identity of the file that a path leads to, symbolic links followed.
  public init(path: String) throws(SystemError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError(.last, "stat \(path)") }
    self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}
