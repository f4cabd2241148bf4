internal import Glibc
internal import Linux

/// Writes what a container prints to its log file, in the format of its driver, and puts files aside that have become too long.
struct LogWriter: ~Copyable {
  /// A line longer than this is written in parts, as docker does.
  private static let longestLine = 16 << 10

  private let path: String
  private let options: LogOptions
  private var file: OwnedFile?
  private var size = 0
  private var unfinished: [LogStream: [UInt8]] = [:]

  /// Opens the log of a container, at its end.
  init(_ path: String, _ options: LogOptions) throws(SystemError) {
    self.path = path
    self.options = options
    if options.driver != .none { try open() }
  }

  /// Takes what was printed.
  mutating func write(_ stream: LogStream, _ data: ArraySlice<UInt8>) {
    switch options.driver {
    case .none: break
    case .raw: append(Array(data))
    case .jsonFile:
      var line = unfinished.removeValue(forKey: stream) ?? [], text: [UInt8] = []
      let time = Timestamp.now()
      var rest = data
      while let end = rest.firstIndex(of: 10) {
        line += rest[...end]
        LogEntry(stream: stream, time: time, text: line).append(to: &text)
        line.removeAll()
        rest = rest[(end + 1)...]
      }
      line += rest
      while line.count >= LogWriter.longestLine {
        LogEntry(stream: stream, time: time, text: Array(line.prefix(LogWriter.longestLine))).append(to: &text)
        line.removeFirst(LogWriter.longestLine)
      }
      if !line.isEmpty { unfinished[stream] = line }
      if !text.isEmpty { append(text) }
    }
  }

  /// Writes what is left of lines that have not ended.
  mutating func finish() {
    var text: [UInt8] = []
    for stream in [LogStream.output, .errors] {
      guard let line = unfinished.removeValue(forKey: stream) else { continue }
      LogEntry(stream: stream, time: .now(), text: line).append(to: &text)
    }
    if !text.isEmpty { append(text) }
  }

  /// Writes whole lines, each into the file that has room for it; a file has one at least.
  private mutating func append(_ text: [UInt8]) {
    guard let limit = options.maximumSize else { return put(text) }
    var rest = text[...]
    while !rest.isEmpty {
      var end = rest.count <= limit - size ? rest.endIndex : rest.prefix(max(0, limit - size)).lastIndex(of: 10).map { $0 + 1 }
      if end == nil, size > 0 {
        // Who cannot rotate goes on with the file there is.
        if (try? rotate()) != nil { continue }
        end = rest.endIndex
      }
      let part = rest[..<(end ?? rest.firstIndex(of: 10).map { $0 + 1 } ?? rest.endIndex)]
      put(Array(part))
      rest = rest[part.endIndex...]
    }
  }

  /// A full disk must not stop the container: what cannot be written is lost.
  private mutating func put(_ text: [UInt8]) {
    guard (try? file?.write(text)) != nil else { return }
    size += text.count
  }

  private mutating func rotate() throws(SystemError) {
    file = nil
    if options.maximumFiles == 1 {
      try FileSystem.remove(path)
    } else {
      for number in stride(from: options.maximumFiles - 2, through: 0, by: -1) {
        let name = number == 0 ? path : "\(path).\(number)"
        do { try FileSystem.move(name, to: "\(path).\(number + 1)") } catch { if error.code != .noEntry { throw error } }
      }
    }
    try open()
  }

  private mutating func open() throws(SystemError) {
    let file = try OwnedFile(path, flags: [.writeOnly, .create, .append], mode: 0o600)
    size = Int(lseek(file.descriptor, 0, SEEK_END))
    self.file = consume file
  }
}
