internal import Addresses
internal import Conntrack
internal import Diagnosis
internal import Inspection
internal import NFTables
internal import Routing

/// Says who and what a trace's numbers are.
struct TraceWords {
  private let host: HostView
  private let names: [IPAddress: String]
  /// The widest name of a place.
  private let placeWidth: Int
  private let packetWidth: Int

  init(_ host: HostView, _ flow: TracedFlow) {
    self.host = host
    var names: [IPAddress: String] = [:]
    for place in host.joinedNamespaces.sorted().reversed() {
      let namespace = host.namespaces[place]
      for entry in namespace.addresses where place == 0 || !entry.address.address.isLoopback {
        names[entry.address.address] = place == 0 ? "host" : Terminal.plain(namespace.title)
      }
    }
    self.names = names
    packetWidth = flow.transport == .tcp ? 11 : flow.transport == nil ? 17 : 4
    placeWidth = flow.places.map { $0 == 0 ? 4 : Terminal.plain(host.namespaces[$0].title).count }.max() ?? 4
  }

  /// `host`, or the container's name.
  func place(_ place: Int) -> String { place == 0 ? "host" : Terminal.plain(host.namespaces[place].title) }

  /// The name of whoever has the address; nil for strangers.
  func name(_ end: TracedFlow.End) -> String? { names[end.address] }

  /// `web 10.88.0.2:80`
  func end(_ end: TracedFlow.End) -> String { (name(end).map { "\($0) " } ?? "") + end.description }

  /// `tcp syn ack`
  func packet(_ hop: TracedHop) -> String {
    let transport = TransportProtocol(number: hop.protocolNumber)?.rawValue ?? [1: "icmp", 58: "icmpv6"][hop.protocolNumber]
    return [transport ?? "protocol \(hop.protocolNumber)", hop.kind].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// A link's name.
  func link(_ index: Int32?, _ place: Int) -> String? { index.map { host.link($0, in: place)?.name ?? "link \($0)" } }

  /// `in lan0, out cni0`
  func links(_ hop: TracedHop) -> String {
    let all = [link(hop.inputIndex, hop.place).map { "in \($0)" }, link(hop.outputIndex, hop.place).map { "out \($0)" }]
    return Terminal.plain(all.compactMap { $0 }.joined(separator: ", "))
  }

  /// What became of it: `forwarded to web 10.88.0.2:80 (inet swift_cni publish); new connection`
  func outcome(_ hop: TracedHop) -> String {
    var text: String
    switch hop.outcome {
    case .delivered, .forwarded, .sent: text = hop.outcome.rawValue
    case .queued: text = "handed to a program by \(hop.passages.last?.title ?? "a rule")"
    case .dropped: text = "dropped by \(hop.culprit?.title ?? "a rule")"
    case .refused: text = "refused by \(hop.culprit?.title ?? "a rule")"
    case .lost: text = lost(hop)
    }
    if !hop.isLoss {
      if hop.leaving.destination != hop.arriving.destination { text += " to \(end(hop.leaving.destination))" }
      if hop.leaving.source != hop.arriving.source { text += " as \(end(hop.leaving.source))" }
      let rules = hop.passages.filter(\.isTranslation).map { "\($0.table) \($0.chain)" }
      if !rules.isEmpty { text += " (\(rules.joined(separator: ", ")))" }
    }
    for event in hop.connections { text += "; \(TraceWords.connection(event))" }
    return Terminal.plain(text)
  }

  /// A packet that no rule dropped ended between two of them.
  private func lost(_ hop: TracedHop) -> String {
    switch hop.lastHook {
    case .prerouting: "lost at routing: there is no route for it, or forwarding is off, or rp_filter forbids it; netctl why tells which"
    case .output: "lost at routing: there is no route for it"
    case .forward: "lost behind the hook forward, and by no rule"
    default: "lost before routing, and by no rule"
    }
  }

  /// `new connection`, `connection established`
  static func connection(_ event: ConnectionEvent) -> String {
    switch event.change {
    case .new: return "new connection"
    case .destroyed: return "connection forgotten"
    case .updated:
      if let state = event.tcpState { return "connection \(state)" }
      return event.connection.status.contains(.assured) ? "connection assured" : "connection answered"
    }
  }

  /// A line for people.
  func line(_ hop: TracedHop, _ terminal: Terminal) -> String {
    let way = "\(end(hop.arriving.source)) → \(end(hop.arriving.destination))", links = links(hop), outcome = outcome(hop)
    return "\(beginning(hop.moment, hop.place))  \(TraceWords.padded(packet(hop), packetWidth))  \(way)\(links.isEmpty ? "" : "  \(links)")"
      + "  \(hop.isLoss ? terminal.styled("✗ \(outcome)", .red) : outcome)\n"
  }

  /// The rules that it met, a line each.
  func rules(_ hop: TracedHop) -> String {
    hop.passages.map { passage in
      "\(String(repeating: " ", count: 17 + placeWidth))\(Terminal.plain("\(passage.hook.map { "\($0): " } ?? "")\(passage.title)"))\n"
    }.joined()
  }

  /// A line for a connection that changed by itself.
  func line(_ event: ConnectionEvent, _ place: Int, _ moment: Int64) -> String {
    let original = event.connection.original, server = event.connection.reply.ends.source, (source, destination) = original.ends
    let answered = server == destination ? "" : ", answered by \(end(server))"
    let transport = original.transport.map { "\($0)" } ?? "icmp"
    return "\(beginning(moment, place))  \(TraceWords.padded(transport, packetWidth))  \(end(source)) → \(end(destination))\(answered)  "
      + "\(TraceWords.connection(event))\n"
  }

  private func beginning(_ moment: Int64, _ place: Int) -> String {
    let text = TraceWords.time(moment)
    return String(repeating: " ", count: max(0, 13 - text.count)) + text + "  " + TraceWords.padded(self.place(place), placeWidth)
  }

  /// `+12.34 ms`
  static func time(_ nanoseconds: Int64) -> String {
    let hundredths = nanoseconds / 10_000, rest = hundredths % 100
    return "+\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
  }

  private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}
