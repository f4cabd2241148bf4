internal import Glibc
internal import Linux

extension OwnedFile {
  /// Writes all the bytes at a place in the file.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset) + off_t(done))
      if count < 0 {
        if Errno.last == .interrupted { continue }
        throw SystemError(.last, "write it")
      }
      done += count
    }
  }
}
