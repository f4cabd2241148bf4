internal import Addresses
internal import ArgumentParser
internal import Diagnosis
internal import Glibc
internal import Inspection
internal import JSON
internal import Linux
internal import Netlink

/// `netctl trace [FROM] DEST`
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Shows live what becomes of the packets of a flow.",
    discussion: """
      Has the kernel tell of every rule that the packets meet and of every change of their connections, on the host and inside the containers
      concerned, and joins it: one line for each packet in each namespace, with where it came from, where it went, what translated it, and
      what dropped it. FROM and DEST are as for why; without FROM packets of everybody are shown. Without a port it shows ICMP. Nothing of it
      stays behind, however netctl ends. Exit status 0: packets got through; 1: one was dropped; 3: none came.

      Examples:
        netctl trace web:80 --for 10s
        netctl trace client web:80 --rules
        netctl trace 8080 --once
        netctl trace web:53/udp -o svg > sequence.svg
      """)

  @Argument(help: ArgumentHelp("Who asks, and what is asked, as for why.", valueName: "from> <dest")) var words: [String]
  @Option(name: .customLong("for"), help: ArgumentHelp("How long: 10s, 2m, 1h.", valueName: "time")) var duration = "10s"
  @Flag(name: .long, help: "End with the first packet that is answered or dropped.") var once = false
  @Flag(name: .long, help: "Show every rule that a packet meets.") var rules = false
  @OptionGroup var view: OutputOptions<SequenceFormat>

  func validate() throws {
    guard (1...2).contains(words.count) else { throw ValidationError("trace takes one or two words: [FROM] DEST[:PORT][/udp]") }
    guard milliseconds != nil else {
      throw ValidationError("--for \(Terminal.plain(duration)): expected a time such as 10s, 2m or 1h, up to a day")
    }
  }

  private var milliseconds: Int32? {
    let number = duration.prefix { ("0"..."9").contains($0) }, unit = String(duration.dropFirst(number.count))
    guard let count = Int32(number), count > 0, let factor: Int32 = ["": 1, "s": 1, "m": 60, "h": 3600][unit],
      case let (seconds, overflow) = count.multipliedReportingOverflow(by: factor), !overflow, seconds <= 86_400
    else { return nil }
    return seconds * 1000
  }

  func run() throws {
    let host = try view.host(), question = try QuestionParser(host).question(words)
    let flow: TracedFlow
    do { flow = try TracedFlow(question, host, isFromAll: words.count == 1) } catch { throw Problem(error.description) }
    let speaker = TraceWords(host, flow), report = TraceReport(speaker), terminal = view.terminal
    let format = view.output ?? (view.json ? .json : .text)
    // From here on a signal ends the wait, not the process.
    let signals = try Signals([SIGINT, SIGTERM, SIGHUP])
    var trace: FlowTrace
    do { trace = try FlowTrace(flow, host) } catch let error as NetlinkError where error.code == .notPermitted {
      throw Problem("packets can only be traced by root: \(error)")
    }
    announce(flow, trace.blindSpots)
    var hops: [TracedHop] = [], hasLoss = false, isDone = false, count = 0
    let tell = { (said: FlowTrace.Report) in
      switch (said, format) {
      case (.hop(let hop), _):
        count += 1
        hasLoss = hasLoss || hop.isLoss
        isDone = isDone || once && (hop.isLoss || isAnswer(hop, flow))
        switch format {
        case .json: Terminal.write(report.json(hop).text + "\n")
        case .text: Terminal.write(speaker.line(hop, terminal) + (rules ? speaker.rules(hop) : ""))
        case .svg: hops.append(hop)
        }
      case (.connection(let event, let place, let moment), .json): Terminal.write(report.json(event, place, moment).text + "\n")
      case (.connection(let event, let place, let moment), .text): Terminal.write(speaker.line(event, place, moment))
      case (.overflow, .json): Terminal.write("{\"event\":\"overflow\"}\n")
      case (.overflow, .text): Terminal.write(terminal.styled("too much came at once: there was more than is shown\n", .yellow))
      case (_, .svg): break
      }
    }
    let deadline = Deadline(milliseconds: milliseconds ?? 10_000)
    while !isDone, deadline.remaining > 0, try wait(trace.descriptor, signals.descriptor, deadline, trace.timeout) {
      try trace.advance(tell)
    }
    try trace.advance(isEnd: true, tell)
    if format == .svg { Terminal.write(TraceDrawing(hops, speaker, title: "netctl trace \(words.joined(separator: " "))").document) }
    if count == 0 {
      Terminal.write("no packet came\n", to: STDERR_FILENO)
      throw Verdict.unknown
    }
    if hasLoss { throw Verdict.finding }
  }

  /// Waits for something to happen; false if the process is to end.
  private func wait(_ events: Int32, _ signals: Int32, _ deadline: Deadline, _ limit: Int32) throws -> Bool {
    var files = [pollfd(fd: events, events: Int16(POLLIN), revents: 0), pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
    let count = poll(&files, 2, limit < 0 ? deadline.remaining : min(limit, deadline.remaining))
    if count < 0, Errno.last != .interrupted { throw SystemError(.last, "wait for packets") }
    return files[1].revents == 0
  }

  /// Whether an answer has come as far as this host has a say.
  private func isAnswer(_ hop: TracedHop, _ flow: TracedFlow) -> Bool {
    flow.isAnswer(from: hop.arriving.source) && (hop.outcome == .delivered || hop.place == 0 && hop.outcome == .forwarded)
  }

  private func announce(_ flow: TracedFlow, _ blindSpots: [String]) {
    let transport = flow.transport.map { "\($0)" } ?? "icmp", ends = flow.asked.prefix(3).map(\.description).joined(separator: ", ")
    let more = flow.asked.count > 3 ? " and \(flow.asked.count - 3) more" : ""
    Terminal.write("tracing \(transport) to \(ends)\(more) for \(duration); Ctrl-C ends it\n", to: STDERR_FILENO)
    for line in blindSpots { Terminal.write("not seen: \(Terminal.plain(line))\n", to: STDERR_FILENO) }
  }
}
