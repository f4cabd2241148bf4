internal import Crypto

/// Bytes whose digest, and perhaps length, is known beforehand and compared when all are read.
final class VerifiedSource: ByteSource {
  private let source: any ByteSource
  private let expected: Digest
  private let size: Int64?
  private let name: String
  private var hash = SHA256()
  private var count: Int64 = 0

  /// `name` is what messages call the content.
  init(_ source: any ByteSource, digest: Digest, size: Int64?, name: String) {
    self.source = source
    expected = digest
    self.size = size
    self.name = name
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let read = try source.read(into: buffer)
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<read]))
    count += Int64(read)
    if let size, count > size { throw ImageError(.badArchive, "\(name) is longer than the \(size) bytes its descriptor says") }
    return read
  }

  /// Reads what nobody has read yet, and throws unless everything was what it had to be.
  func verify() throws {
    try drain()
    if let size, count != size { throw ImageError(.badArchive, "\(name) has \(count) bytes; its descriptor says \(size)") }
    let digest = Digest(hash.finalize())
    guard digest == expected else { throw ImageError(.badArchive, "\(name) has the digest \(digest); expected \(expected)") }
  }
}
