/// What is left of bytes after decompression: gzip, bzip2, xz or zstd, recognised by their first bytes; anything else as it is.
final class DecompressedSource: ByteSource {
  private let reader: ArchiveReader
  private var isAtEnd: Bool

  init(_ source: any ByteSource) throws {
    reader = try ArchiveReader(source, .compressedBytes)
    isAtEnd = try reader.next() == nil
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if isAtEnd { return 0 }
    let count = try reader.readData(into: buffer)
    isAtEnd = count == 0
    return count
  }
}
