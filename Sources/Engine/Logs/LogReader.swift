internal import Glibc
public import Linux

/// Reads what a container has printed, the oldest file first, and what it prints from now on.
public struct LogReader: ~Copyable {
  private let path: String
  private var file: OwnedFile?
  private var rest: [UInt8] = []

  /// Opens the log of a container.
  public init(_ id: String, in places: Places) { path = places.log(id) }

  /// The file, for watching it.
  public var currentPath: String { path }

  /// Calls `body` with each line, line feeds included, of all files that there are; the newest file stays open for `readNew`.
  public mutating func readAll(_ body: (ArraySlice<UInt8>) -> Void) throws(SystemError) {
    var number = 1
    while access("\(path).\(number)", F_OK) == 0 { number += 1 }
    for old in stride(from: number - 1, to: 0, by: -1) {
      let file = try OwnedFile("\(path).\(old)")
      read(file, body)
    }
    try readNew(body)
  }

  /// Calls `body` with each line that is new since the last call. A file that was put aside is read to its end before the next one is opened.
  public mutating func readNew(_ body: (ArraySlice<UInt8>) -> Void) throws(SystemError) {
    while true {
      if let open = file.take() {
        read(open, body)
        let isCurrent = (try? open.identity()) == (try? FileIdentity(path: path))
        if isCurrent || access(path, F_OK) != 0 {
          file = consume open
          return
        }
      }
      do { file = try OwnedFile(path) } catch {
        if error.code == .noEntry { return }
        throw error
      }
    }
  }

  /// Text at the end that has no line feed.
  public mutating func takeRest() -> [UInt8] {
    defer { rest = [] }
    return rest
  }

  private mutating func read(_ file: borrowing OwnedFile, _ body: (ArraySlice<UInt8>) -> Void) {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(file.descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest += chunk[..<count]
      var start = 0
      while let end = rest[start...].firstIndex(of: 10) {
        body(rest[start...end])
        start = end + 1
      }
      rest.removeFirst(start)
    }
  }
}
