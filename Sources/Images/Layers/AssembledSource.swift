internal import Glibc
internal import Linux

/// A layer's archive, put together again from its record and the layer's files.
final class AssembledSource: ByteSource {
  private enum State {
    case header
    case frame(Int64)
    case content(FileSource, Int64)
  }

  private let layer: String
  private let files: OwnedFile
  private let frame: DecompressedSource
  private let paths: [Substring]
  private let replaced: Set<String>
  private var next = 0
  private var state = State.header

  /// Opens a layer's record; nil if there is none.
  init?(layer: String) throws {
    guard let contents = try FileSystem.readIfPresent("\(layer)/\(Assembly.contents)", limit: 1 << 30) else { return nil }
    self.layer = layer
    paths = String(decoding: contents, as: UTF8.self).split(separator: "\0")
    files = try OwnedFile("\(layer)/diff", flags: [.place, .folder])
    let hasReplaced = FileSystem.isFolder("\(layer)/\(Assembly.replaced)")
    replaced = hasReplaced ? Set(try FileSystem.names(in: "\(layer)/\(Assembly.replaced)")) : []
    frame = try DecompressedSource(FileSource(OwnedFile("\(layer)/\(Assembly.frame)")))
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      switch state {
      case .header:
        guard try readHeader() else { return 0 }
      case .frame(0), .content(_, 0): state = .header
      case .frame(let left):
        let count = try frame.read(into: AssembledSource.part(buffer, left))
        guard count > 0 else { throw damage() }
        state = .frame(left - Int64(count))
        return count
      case .content(let file, let left):
        let count = try file.read(into: AssembledSource.part(buffer, left))
        guard count > 0 else { throw damage() }
        state = .content(file, left - Int64(count))
        return count
      }
    }
  }

  private func readHeader() throws -> Bool {
    var header = [UInt8](repeating: 0, count: 9), filled = 0
    while filled < 9 {
      let count = try header.withUnsafeMutableBytes { try frame.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...])) }
      if count == 0 {
        if filled == 0 { return false }
        throw damage()
      }
      filled += count
    }
    let size = Int64(bitPattern: header[1...].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    guard size >= 0 else { throw damage() }
    state = header[0] == 0 ? .frame(size) : .content(try nextFile(), size)
    return true
  }

  private func nextFile() throws -> FileSource {
    guard next < paths.count else { throw damage() }
    defer { next += 1 }
    if replaced.contains("\(next)") { return FileSource(try OwnedFile("\(layer)/\(Assembly.replaced)/\(next)")) }
    do { return FileSource(try OwnedFile(String(paths[next]), in: files, scope: .beneath, flags: [.readOnly, .noFollow])) } catch {
      throw SystemError(error.code, "open \(layer)/diff/\(paths[next])")
    }
  }

  private func damage() -> ImageError { ImageError(.badArchive, "the layer \(layer) is damaged") }

  private static func part(_ buffer: UnsafeMutableRawBufferPointer, _ limit: Int64) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(Int64(buffer.count), limit))])
  }
}
