/// The data of one member of an archive.
final class MemberSource: ByteSource {
  private let reader: ArchiveReader

  /// The member with that number, from 0.
  init(_ reader: ArchiveReader, number: Int) throws {
    self.reader = reader
    for _ in 0...number { _ = try reader.next() }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try reader.readData(into: buffer) }
}
