import Addresses
public import Conntrack
public import Inspection
import Linux
import NFTables
import Rulesets

/// Joins what is heard of a flow into hops: one for each packet in each namespace.
public struct FlowTrace: ~Copyable {
  /// What the trace tells.
  public enum Report {
    /// What became of a packet in a namespace.
    case hop(TracedHop)
    /// What became of a connection, without a packet that could be told with it.
    case connection(ConnectionEvent, place: Int, moment: Int64)
    /// Too much came at once: there was more than is told.
    case overflow
  }

  private struct Key: Hashable {
    let place: Int, packet: UInt32
  }

  /// A hop, and when it was last heard of.
  private struct Entry {
    var hop: TracedHop
    var key: Key
    /// What the packet carried when it was last seen.
    var header: TraceEvent.Header
    var last: Int64
    var isDone = false
  }

  private var tracer: FlowTracer
  private var book: TraceRuleBook
  private let flow: TracedFlow
  private let clock = Stopwatch()
  private var entries: [Entry] = []
  /// The addresses and ports that rules have given to those who ask.
  private var aliases: Set<TracedFlow.End> = []

  /// Connection tracking tells of a connection right after the packet has got past the last rule.
  private static let grace: Int64 = 20_000_000
  /// After that a packet without an end is lost. It takes the kernel microseconds from rule to rule, unless the processor is taken away.
  private static let patience: Int64 = 2_000_000_000

  /// Begins to trace.
  public init(_ flow: TracedFlow, _ host: HostView) throws {
    tracer = try FlowTracer(flow, host)
    book = TraceRuleBook(tracer.paths)
    self.flow = flow
  }

  /// Namespaces that could not be looked into, and why, a sentence each.
  public var blindSpots: [String] { tracer.blindSpots }
  /// For poll(2).
  public var descriptor: Int32 { tracer.descriptor }
  /// How many milliseconds `advance` may wait for events at the most; -1 while nothing is open.
  public var timeout: Int32 {
    guard let next = entries.map({ $0.last + FlowTrace.wait($0) }).min() else { return -1 }
    return Int32(clamping: max(0, (next - clock.nanoseconds + 999_999) / 1_000_000))
  }

  private static func wait(_ entry: Entry) -> Int64 { entry.isDone ? grace : patience }

  /// Takes what has come, and tells what is complete; with `isEnd` also what is not.
  public mutating func advance(isEnd: Bool = false, _ report: (Report) -> Void) throws {
    var words: [(FlowTracer.Word, Int64)] = []
    let clock = clock
    let isIncomplete = try tracer.take { words.append(($0, clock.nanoseconds)) }
    for (word, now) in words {
      switch word {
      case .packet(let event, let place): hear(event, place, now)
      case .connection(let event, let place): hear(event, place, now, report)
      }
    }
    if isIncomplete { report(.overflow) }
    let moment = clock.nanoseconds
    let ready = entries.filter { isEnd || $0.last + FlowTrace.wait($0) <= moment }
    entries.removeAll { isEnd || $0.last + FlowTrace.wait($0) <= moment }
    for entry in ready { report(.hop(entry.hop)) }
  }

  private mutating func hear(_ event: TraceEvent, _ place: Int, _ now: Int64) {
    let key = Key(place: place, packet: event.packet), mark = TraceRules.Mark(event)
    if mark == .arrival || mark == .departure, event.kind == .rule {
      begin(event, key, isMade: mark == .departure, now)
      return
    }
    guard let position = position(of: event, key) else { return }
    entries[position].last = now
    if let header = event.header {
      entries[position].header = header
      entries[position].hop.leaving = FlowTrace.ends(header)
    }
    let hop = entries[position].hop
    if hop.leaving.source != hop.arriving.source, !flow.isAnswer(from: hop.arriving.source) { aliases.insert(hop.leaving.source) }
    if let index = event.outputIndex { entries[position].hop.outputIndex = index }
    switch mark {
    case .routed?: entries[position].hop.lastHook = .prerouting
    case .made?: entries[position].hop.lastHook = .output
    case .forwarded?: entries[position].hop.lastHook = .forward
    case .delivered?: end(position, .delivered)
    case .sent?: end(position, entries[position].hop.inputIndex == nil ? .sent : .forwarded)
    case .arrival?, .departure?, .passedOn?, .received?, .leaving?: break
    case nil:
      // The kernel tells of the end of a chain's rules, too, without a number.
      if event.kind == .rule, event.handle == nil { return }
      entries[position].hop.passages.append(book.passage(event, place))
      if event.verdict == .drop { end(position, book.isRefusal(event, place) ? .refused : .dropped) }
      if event.isQueued { entries[position].hop.outcome = .queued }
    }
  }

  /// The packet that an event is about. The kernel uses a packet's number again, and gives a packet that it routes another one: then it is known by
  /// what it carries.
  private mutating func position(of event: TraceEvent, _ key: Key) -> Int? {
    if let position = entries.lastIndex(where: { $0.key == key && !$0.isDone }) { return position }
    guard let header = event.header,
      let position = entries.firstIndex(where: { $0.key.place == key.place && !$0.isDone && $0.header == header })
    else { return nil }
    entries[position].key = key
    return position
  }

  private mutating func begin(_ event: TraceEvent, _ key: Key, isMade: Bool, _ now: Int64) {
    guard let header = event.header else { return }
    let ends = FlowTrace.ends(header)
    guard flow.contains(ends.0, ends.1, aliases) else { return }
    // A rule for either direction may have matched.
    if let open = entries.last(where: { $0.key == key && !$0.isDone }), open.hop.passages.isEmpty, open.hop.lastHook == nil,
      open.hop.arriving == ends
    {
      return
    }
    let hop = TracedHop(
      place: key.place, moment: now, protocolNumber: header.protocolNumber,
      kind: TracedHop.kind(header.protocolNumber, header.transport), arriving: ends, inputIndex: isMade ? nil : event.inputIndex,
      leaving: ends, outputIndex: event.outputIndex)
    entries.append(Entry(hop: hop, key: key, header: header, last: now))
  }

  private mutating func end(_ position: Int, _ outcome: TracedHop.Outcome) {
    entries[position].hop.outcome = outcome
    entries[position].isDone = true
  }

  private mutating func hear(_ event: ConnectionEvent, _ place: Int, _ now: Int64, _ report: (Report) -> Void) {
    let original = event.connection.original.ends, reply = event.connection.reply.ends
    let transport = event.connection.original.protocolNumber
    guard flow.transport.map({ $0.number == transport }) ?? [1, 58].contains(transport),
      flow.contains(original.0, original.1) || flow.contains(reply.0, reply.1)
    else { return }
    let hop = entries.lastIndex { entry in
      entry.hop.place == place && entry.hop.protocolNumber == transport && [original, reply].contains { $0 == entry.hop.arriving }
    }
    if let hop, event.change != .destroyed {
      entries[hop].hop.connections.append(event)
    } else {
      report(.connection(event, place: place, moment: now))
    }
  }

  private static func ends(_ header: TraceEvent.Header) -> (TracedFlow.End, TracedFlow.End) {
    let ports = header.ports
    return (
      TracedFlow.End(address: header.source, port: ports?.source),
      TracedFlow.End(address: header.destination, port: ports?.destination)
    )
  }
}

extension ConnectionTuple {
  /// Both ends; port 0 stands for a protocol without ports.
  public var ends: (source: TracedFlow.End, destination: TracedFlow.End) {
    let hasPorts = transport != nil
    return (
      TracedFlow.End(address: source, port: hasPorts ? sourcePort : nil),
      TracedFlow.End(address: destination, port: hasPorts ? destinationPort : nil)
    )
  }
}
