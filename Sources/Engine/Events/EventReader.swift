internal import Glibc
internal import Linux

/// Reads the events that are written from now on.
public struct EventReader: ~Copyable {
  private var lines: LineFile

  /// Begins at the present end of the file, which need not exist.
  public init(_ path: String) { lines = LineFile(path) }

  /// The events since the last call.
  public mutating func next() throws -> [Event] { EventLog.parse(try lines.readNew()[...]).events }

  /// Everything that is in the file from its beginning on.
  mutating func rewind() { lines.rewind() }
}

/// The whole lines that are added to a file.
private struct LineFile: ~Copyable {
  private let path: String
  private var file: OwnedFile?
  private var rest: [UInt8] = []

  init(_ path: String) {
    self.path = path
    file = try? OwnedFile(path)
    if let descriptor = file?.descriptor { lseek(descriptor, 0, SEEK_END) }
  }

  mutating func rewind() { if let descriptor = file?.descriptor { lseek(descriptor, 0, SEEK_SET) } }

  /// A file that was put aside is read to its end before the next one is opened.
  mutating func readNew() throws(SystemError) -> [UInt8] {
    var lines: [UInt8] = []
    while true {
      if let open = file.take() {
        rest += try open.readToEnd()
        if let end = rest.lastIndex(of: 10) {
          lines += rest[...end]
          rest.removeFirst(end + 1)
        }
        let identity = try open.identity()
        if !FileSystem.exists(path) || identity == (try? FileIdentity(path: path)) {
          file = consume open
          return lines
        }
      }
      do { file = try OwnedFile(path) } catch {
        if error.code == .noEntry { return lines }
        throw error
      }
    }
  }
}

extension EventLog {
  /// All events on file; `reader` goes on behind them.
  public func events(and reader: inout EventReader) throws -> [Event] {
    reader.rewind()
    let old = try FileSystem.readIfPresent("\(file).1").map { EventLog.parse($0[...]).events } ?? []
    return try old + reader.next()
  }
}
