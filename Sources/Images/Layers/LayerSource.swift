internal import Crypto

/// A layer's uncompressed archive, whose digest is taken and whose frame is written down while it is read.
final class LayerSource: ByteSource {
  private let source: any ByteSource
  private let recorder: AssemblyRecorder
  private var hash = SHA256()
  /// How many bytes were read so far.
  private(set) var count: Int64 = 0

  init(_ source: any ByteSource, recorder: AssemblyRecorder) {
    self.source = source
    self.recorder = recorder
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try source.read(into: buffer)
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    hash.update(bufferPointer: bytes)
    self.count += Int64(count)
    try recorder.feed(bytes)
    return count
  }

  /// The digest of what was read so far.
  func digest() -> Digest { Digest(hash.finalize()) }
}
