/// Bytes that are in memory.
final class MemorySource: ByteSource {
  private var rest: ArraySlice<UInt8>

  init(_ content: [UInt8]) { rest = content[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let piece = rest.prefix(buffer.count)
    buffer.copyBytes(from: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}
