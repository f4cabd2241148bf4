internal import Glibc
internal import Linux

/// The record by which an unpacked layer becomes its tar archive again. Three names in the layer's folder:
///
/// - `frame.zst`: records of nine bytes, a kind and a little-endian count. Kind 0 is followed by so many bytes of the archive; kind 1 stands for
///   the content of the next file, which has so many bytes.
/// - `contents`: the paths of those files in their order, each ended by a zero.
/// - `replaced/NUMBER`: a content that a later entry of the same name has replaced.
enum Assembly {
  /// One record.
  enum Record {
    case frame(Int64)
    case content(Int64)
  }

  static let frame = "frame.zst"
  static let contents = "contents"
  static let replaced = "replaced"

  static func write(_ record: Record, _ bytes: UnsafeRawBufferPointer, to output: ArchiveWriter) throws {
    var header = [UInt8](repeating: 0, count: 9)
    let count: Int64
    switch record {
    case .frame(let size): count = size
    case .content(let size): (header[0], count) = (1, size)
    }
    for position in 0..<8 { header[1 + position] = UInt8(truncatingIfNeeded: count >> (8 * position)) }
    try header.withUnsafeBytes { try output.write($0) }
    if bytes.count > 0 { try output.write(bytes) }
  }
}
