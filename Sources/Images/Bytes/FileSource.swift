internal import Glibc
internal import Linux

/// The bytes of an open file, from its position on, or of a pipe.
final class FileSource: ByteSource {
  private let file: OwnedFile

  init(_ file: consuming OwnedFile) { self.file = file }

  /// Reads from a descriptor that stays the caller's.
  convenience init(borrowing descriptor: Int32) throws {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError(.last, "duplicate descriptor \(descriptor)") }
    self.init(OwnedFile(adopting: copy))
  }

  /// How long the file is; 0 for a pipe.
  func size() throws -> Int64 {
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw SystemError(.last, "look at a file") }
    return Int64(status.st_size)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(file.descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard Errno.last == .interrupted else { throw SystemError(.last, "read") }
    }
  }

  func skip(_ count: Int64) -> Int64 {
    var status = stat()
    // Of a file that is too short, no more is passed over than there is; so its end is noticed.
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
    let here = lseek(file.descriptor, 0, SEEK_CUR), step = min(count, Int64(status.st_size) - Int64(here))
    guard here >= 0, step > 0, lseek(file.descriptor, off_t(step), SEEK_CUR) >= 0 else { return 0 }
    return step
  }
}
