internal import Addresses
internal import Conntrack
internal import Diagnosis
internal import HostRules
internal import Inspection
internal import NFTables
internal import Routing
internal import Rulesets

/// Says what a traced packet meets, a line for each thing.
struct TraceLines {
  private let host: HostView
  private let ruleset: RulesetView
  private let terminal: Terminal
  private let names: [IPAddress: String]
  private var packets: [UInt32: Int] = [:]
  private var ways: [UInt32: String] = [:]
  /// Whether a packet was dropped.
  private(set) var hasDropped = false

  /// How many packets were seen.
  var packetCount: Int { packets.count }

  init(_ host: HostView, _ ruleset: RulesetView, _ terminal: Terminal) {
    self.host = host
    self.ruleset = ruleset
    self.terminal = terminal
    var names: [IPAddress: String] = [:]
    for namespace in host.namespaces.dropFirst() {
      guard let name = namespace.owner.name ?? namespace.owner.id, namespace.interfaces.contains(where: { $0.kind == "veth" }) else {
        continue
      }
      for entry in namespace.addresses where !entry.address.address.isLoopback { names[entry.address.address] = name }
    }
    for entry in host.host.addresses { names[entry.address.address] = "host" }
    self.names = names
  }

  /// The port of the host that packets to a container come in by, if there is one, and the container's own.
  func ports(of question: Question, _ port: UInt16) -> [UInt16] {
    var container: Set<IPAddress> = []
    if case .namespace(let position) = question.target { container = Set(host.namespaces[position].addresses.map(\.address.address)) }
    let all = host.publishedPorts.map { ($0.port, $0.container) } + ruleset.foreignPorts().map { ($0.port, $0.container) }
    let wanted = all.filter { $0.0.transport == question.transport }
    if let (published, _) = wanted.first(where: { container.contains($0.1) && $0.0.containerPort == port }), question.origin == .lan {
      return [published.hostPorts.lowerBound, port]
    }
    if container.isEmpty, let (published, _) = wanted.first(where: { $0.0.hostPorts.contains(port) }) {
      return [port, published.containerPort + (port - published.hostPorts.lowerBound)]
    }
    return [port]
  }

  /// `+12.3 ms  #1  lan0 → cni0  forward  ip filter FORWARD  policy drop`
  mutating func line(_ event: TraceEvent, at nanoseconds: Int64) -> String {
    let own = event.table.name.hasPrefix("netctl_trace_")
    let number = packets[event.packet] ?? packets.count + 1
    var text = ""
    if packets[event.packet] == nil { packets[event.packet] = number }
    if let source = event.source, let destination = event.destination {
      let way = "\(end(source, event.sourcePort)) → \(end(destination, event.destinationPort))"
      if ways[event.packet] != way {
        ways[event.packet] = way
        text += terminal.styled("\(time(nanoseconds))  #\(number)  \(way)\(links(event))", .bold) + "\n"
      }
    }
    if own { return text }
    let chain = ruleset.chain(event.table, event.chain), hook = chain?.base.map { "  \($0.hookName)" } ?? ""
    let rule = event.handle.flatMap { handle in chain?.rules.first { $0.handle == handle } }
    let words: String
    switch event.kind {
    case .policy: words = "policy \(event.verdict?.description ?? "?")"
    case .return: words = "end of the chain"
    case .rule:
      words =
        rule.map { ruleset.words($0, in: event.table) } ?? event.verdict?.description
        ?? (event.isQueued ? "queue" : "rule \(event.handle ?? 0)")
    }
    let isDrop = event.verdict == .drop || words.contains("reject")
    if isDrop { hasDropped = true }
    let plain = Terminal.plain("\(event.table) \(event.chain)\(hook)  \(words)")
    return text + "\(time(nanoseconds))  #\(number)    \(isDrop ? terminal.styled(plain, .red) : plain)\n"
  }

  /// Whether a packet's way ends there: dropped, or past the last base chain.
  func isDecided(_ event: TraceEvent) -> Bool {
    if event.verdict == .drop { return true }
    let hook = ruleset.chain(event.table, event.chain)?.base?.hook
    let families: Set<Family> = [.inet, .ipv4, .ipv6]
    return hook == .postrouting || hook == .input || hook == .forward && ruleset.baseChains(at: .postrouting, families).isEmpty
  }

  /// What connection tracking remembers of the ports.
  func connections(_ transport: TransportProtocol, _ ports: [UInt16]) -> [String] {
    guard var table = try? ConnectionTable() else { return [] }
    return IPAddress.Family.allCases.flatMap { family -> [String] in
      let found = (try? table.connections(matching: ConnectionFilter(family, transport, original: .init(destinationPort: ports[0])))) ?? []
      return found.prefix(8).map { entry in
        let there =
          "\(end(entry.original.source, entry.original.sourcePort)) → \(end(entry.original.destination, entry.original.destinationPort))"
        let back = end(entry.reply.source, entry.reply.sourcePort), isAnswered = entry.status.contains(.seenReply)
        return Terminal.plain("connection \(there), answered by \(back)\(isAnswered ? "" : ": no answer yet")") + "\n"
      }
    }
  }

  private func time(_ nanoseconds: Int64) -> String {
    let tenths = nanoseconds / 100_000, text = "+\(tenths / 10).\(tenths % 10) ms"
    return String(repeating: " ", count: max(0, 11 - text.count)) + text
  }

  private func end(_ address: IPAddress, _ port: UInt16?) -> String {
    let name = names[address].map { "\(Terminal.plain($0)) " } ?? ""
    guard let port else { return "\(name)\(address)" }
    return name + (address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)")
  }

  private func links(_ event: TraceEvent) -> String {
    let name = { (index: Int32?) in index.flatMap { host.link($0, in: 0)?.name } }
    let all = [name(event.inputIndex).map { "in \($0)" }, name(event.outputIndex).map { "out \($0)" }].compactMap { $0 }
    return all.isEmpty ? "" : Terminal.plain(" (\(all.joined(separator: ", ")))")
  }
}
