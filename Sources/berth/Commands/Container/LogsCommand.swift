internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Linux

/// `berth logs`
struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "logs", abstract: "Fetch the logs of a container")

  @Flag(name: [.short, .long], help: "Follow log output") var follow = false
  @Option(name: [.customShort("n", allowingJoined: true), .long], help: "Number of lines to show from the end of the logs") var tail = "all"
  @Option(help: "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)") var since: String?
  @Option(help: "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)") var until: String?
  @Flag(name: [.short, .long], help: "Show timestamps") var timestamps = false
  @Flag(help: "Show extra details provided to logs") var details = false
  @Argument(help: "Name or ID") var container: String

  func run() throws {
    let store = try Invocation.store(), record = try store.find(container)
    let driver = try LogOptions(driver: record.options.logDriver, options: record.options.logOptions).driver
    guard driver != .none else { throw EngineError("configured logging driver does not support reading") }
    if driver == .raw, timestamps || since != nil || until != nil {
      throw EngineError("the log driver raw keeps no times: --timestamps, --since and --until need json-file")
    }
    let limit = try LogsCommand.count(tail)
    let printer = LogPrinter(
      isRaw: driver == .raw, showsTimes: timestamps, since: try Moment.parse(since, "--since"), until: try Moment.parse(until, "--until"))
    // Joined before anything is read, so that nothing printed meanwhile is missed.
    let watch = follow ? try FileWatch(store.places.log(record.id)) : nil
    let connection = follow ? try Connection(to: record.id, in: store.places) : nil
    connection?.send(.hello([]))
    var reader = LogReader(record.id, in: store.places), recent = RecentLines(limit)
    try reader.readAll { recent.add($0) }
    for line in recent.recent { printer.print(line[...]) }
    if let watch = consume watch, let connection = consume connection { try followOn(&reader, printer, watch, connection) }
    let rest = reader.takeRest()
    if !rest.isEmpty, limit != 0 { printer.print(rest[...]) }
  }

  private func followOn(
    _ reader: inout LogReader, _ printer: LogPrinter, _ watch: borrowing FileWatch, _ connection: consuming Connection
  ) throws {
    var connection = consume connection
    while true {
      try reader.readNew { printer.print($0) }
      var polls = [
        pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polls, 2, -1) < 0 { continue }
      if polls[0].revents != 0 { watch.acknowledge() }
      if polls[1].revents != 0, !connection.fill() { break }
      while connection.arrived() != nil {}
    }
    try reader.readNew { printer.print($0) }
  }

  private static func count(_ text: String) throws -> Int? {
    if text == "all" { return nil }
    guard let count = Int(text) else {
      throw EngineError("invalid argument \"\(text)\" for --tail: expected a number or all", exitCode: 125)
    }
    return count < 0 ? nil : count
  }
}

/// The last lines of a text.
private struct RecentLines {
  private let limit: Int?
  private var lines: [[UInt8]] = []

  init(_ limit: Int?) { self.limit = limit }

  mutating func add(_ line: ArraySlice<UInt8>) {
    lines.append(Array(line))
    // Now and then, as removing from the front moves all the others.
    if let limit, lines.count > 2 * limit + 1024 { lines.removeFirst(lines.count - limit) }
    if limit == 0 { lines = [] }
  }

  /// The lines, no more than wanted.
  var recent: ArraySlice<[UInt8]> { limit.map { lines.suffix($0) } ?? lines[...] }
}

/// Prints lines of a log file as `logs` shows them.
private struct LogPrinter {
  let isRaw: Bool
  let showsTimes: Bool
  let since: Timestamp?
  let until: Timestamp?

  func print(_ line: ArraySlice<UInt8>) {
    if isRaw { return write(Array(line), to: STDOUT_FILENO) }
    guard let entry = LogEntry(line: line), since.map({ entry.time >= $0 }) ?? true, until.map({ entry.time <= $0 }) ?? true else { return }
    write((showsTimes ? Array("\(entry.time) ".utf8) : []) + entry.text, to: entry.stream == .errors ? STDERR_FILENO : STDOUT_FILENO)
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    let file = OwnedFile(adopting: descriptor)
    // A reader who has gone, as `head` does, wants no more.
    do { try file.write(bytes) } catch { exit(0) }
    _ = file.release()
  }
}
