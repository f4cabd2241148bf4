/// Bytes that are read once, from front to end.
protocol ByteSource: AnyObject {
  /// Fills the start of the buffer, which is not empty; 0 means the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// Passes over as many of the next bytes as it can without reading them, at most `count`; answers how many.
  func skip(_ count: Int64) -> Int64
}

extension ByteSource {
  /// Nothing can be passed over.
  func skip(_ count: Int64) -> Int64 { 0 }

  /// Reads to the end and forgets what it reads.
  func drain() throws {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      while try read(into: buffer) > 0 {}
    }
  }

  /// Reads to the end; nil if there are more than `limit` bytes.
  func content(limit: Int) throws -> [UInt8]? {
    var content: [UInt8] = []
    return try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      while true {
        let count = try read(into: buffer)
        if count == 0 { return content }
        content += UnsafeRawBufferPointer(rebasing: buffer[..<count])
        if content.count > limit { return nil }
      }
    }
  }
}
