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

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(file.descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard Errno.last == .interrupted else { throw SystemError(.last, "read") }
    }
  }
}
