internal import CLinux
internal import Glibc
internal import Linux

/// Where a file with holes has data: lseek(2), SEEK_DATA.
enum SparsePieces {
  /// A run of data.
  struct Piece {
    let start: Int64
    let count: Int64
  }

  /// The runs of data; nil for a file without holes worth the trouble.
  static func of(_ file: borrowing OwnedFile, _ status: stat) throws -> [Piece]? {
    guard Int64(status.st_blocks) * 512 + (1 << 16) < Int64(status.st_size) else { return nil }
    var pieces: [Piece] = [], position = off_t(0)
    while true {
      let start = lseek(file.descriptor, position, clinux_seek_data)
      if start < 0 { break }
      let end = lseek(file.descriptor, start, clinux_seek_hole)
      guard end > start else { break }
      pieces.append(Piece(start: Int64(start), count: Int64(end - start)))
      position = end
    }
    guard lseek(file.descriptor, 0, SEEK_SET) == 0 else { throw SystemError(.last, "read it") }
    // An empty run tells that all is a hole.
    return pieces.isEmpty ? [Piece(start: Int64(status.st_size), count: 0)] : pieces
  }
}
