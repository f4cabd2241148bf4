internal import Addresses
internal import ArgumentParser
internal import CLinux
internal import Diagnosis
internal import Glibc
internal import Inspection
internal import Linux
internal import Rulesets

/// `netctl trace [FROM] DEST:PORT`
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Shows live which rules the packets of a flow meet.",
    discussion: """
      Has the kernel tell of every rule that packets to and from the port meet in the host's tables, and joins it with what connection
      tracking remembers afterwards. Addresses of containers are shown with their names. The table that asks for it is removed at the end,
      also if netctl is killed. Ends after --for, with the flow's first connection if --once is given, or with Ctrl-C.

      Examples:
        netctl trace web:80 --for 10s
        netctl trace 8080/tcp --once
      """)

  @Argument(help: ArgumentHelp("Who asks, and what is asked, as for why.", valueName: "from> <dest")) var words: [String]
  @Option(name: .customLong("for"), help: "How long: 10s, 2m; 10s unless given.") var duration = "10s"
  @Flag(name: .long, help: "End with the first packet that is accepted or dropped.") var once = false
  @OptionGroup var view: ViewOptions

  func validate() throws {
    guard (1...2).contains(words.count) else { throw ValidationError("trace takes one or two words: [FROM] DEST:PORT[/udp]") }
    guard milliseconds != nil else { throw ValidationError("--for \(duration): expected a time such as 10s or 2m") }
  }

  private var milliseconds: Int32? {
    let number = duration.prefix { $0.isNumber }, unit = duration.dropFirst(number.count)
    guard let count = Int32(number), count > 0, count <= 86_400, let factor: Int32 = ["": 1000, "s": 1000, "m": 60_000][String(unit)] else {
      return nil
    }
    let product = count.multipliedReportingOverflow(by: factor)
    return product.overflow ? nil : product.partialValue
  }

  func run() throws {
    let host = try view.host(), question = try QuestionParser(host).question(words)
    guard let port = question.port else { throw Problem("a port is needed, as in web:80", .usage) }
    // A published port has two numbers: the packets are followed from the host's to the container's.
    var lines = TraceLines(host, try RulesetView(), view.terminal)
    let ports = lines.ports(of: question, port)
    var stop = Stop()
    var tracer = try Tracer(question.transport, ports: ports)
    Terminal.write(
      "tracing \(question.transport) \(ports.map { "\($0)" }.joined(separator: " and ")) for \(duration); Ctrl-C ends it\n",
      to: STDERR_FILENO)
    let deadline = Deadline(milliseconds: milliseconds ?? 10_000), watch = Stopwatch()
    var isDone = false
    while !isDone, deadline.remaining > 0, try stop.wait(for: tracer.events.descriptor, until: deadline) {
      try tracer.take { event in
        Terminal.write(lines.line(event, at: watch.nanoseconds))
        if once, event.kind == .policy || event.verdict == .drop, lines.isDecided(event) { isDone = true }
      }
    }
    for line in lines.connections(question.transport, ports) { Terminal.write(line) }
    if lines.packetCount == 0 {
      Terminal.write("no packet came\n", to: STDERR_FILENO)
      throw Verdict.unknown
    }
    if lines.hasDropped { throw Verdict.finding }
  }
}

/// Ends a wait when the process is asked to end.
private struct Stop: ~Copyable {
  private let signals: OwnedFile

  init() { signals = OwnedFile(adopting: clinux_signals([SIGINT, SIGTERM, SIGHUP], 3)) }

  /// False if it is to end.
  mutating func wait(for descriptor: Int32, until deadline: Deadline) throws -> Bool {
    var waits = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&waits, 2, deadline.remaining)
    if count < 0, Errno.last != .interrupted { throw SystemError(.last, "wait") }
    return count > 0 && waits[1].revents == 0
  }
}
