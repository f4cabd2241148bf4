internal import HostRules
internal import JSON
internal import NFTables
internal import Rulesets

/// Our table and the chains of others, as words and as JSON.
struct RulesReport {
  private let view: RulesetView
  private let holdings: [Holding]
  private let reach: RuleReach

  init(_ view: RulesetView, _ holdings: [Holding], _ reach: RuleReach) {
    self.view = view
    self.holdings = holdings
    self.reach = reach
  }

  private static func isOurs(_ chain: ChainView) -> Bool { chain.maker == "ours" }

  /// The hooks in the order in which a forwarded packet passes them.
  private static let order = ["ingress", "prerouting", "input", "forward", "output", "postrouting", "egress"]

  private var bases: [ChainView] {
    view.chains.filter { $0.base != nil }.sorted { left, right in
      guard let first = left.base, let second = right.base else { return false }
      let places = [first, second].map { RulesReport.order.firstIndex(of: $0.hookName) ?? 9 }
      return (places[0], first.priority, left.title) < (places[1], second.priority, right.title)
    }
  }

  // MARK: text

  func text(_ terminal: Terminal) -> String {
    var text = ""
    let ours = bases.filter { RulesReport.isOurs($0) }
    if ours.isEmpty {
      text += "there is no table inet swift_cni: nothing is published, masqueraded or isolated by us\n"
    } else {
      text += terminal.styled("table inet swift_cni", .bold) + "\n"
      for chain in ours { text += tree(chain, terminal) }
      text += elements(terminal)
    }
    let foreign = bases.filter { !RulesReport.isOurs($0) }
    if !foreign.isEmpty { text += terminal.styled("\nrules of others", .bold) + "\n" }
    for chain in foreign { text += tree(chain, terminal) }
    for table in view.legacyTables ?? [] {
      text += terminal.styled("! table \(table) of the old iptables: iptables-legacy-save shows it\n", .yellow)
    }
    return text
  }

  /// A base chain, and below it the rules that can be met, each under the chain that it is in.
  private func tree(_ chain: ChainView, _ terminal: Terminal) -> String {
    guard let base = chain.base else { return "" }
    let hits = reach.hits(chain)
    let maker = RulesReport.isOurs(chain) ? "" : chain.maker.map { ", of \($0)" } ?? ""
    var text = "  " + terminal.styled(Terminal.plain(RulesReport.isOurs(chain) ? chain.name : chain.title), .bold)
    text += terminal.styled("  \(base)\(maker)", .faint) + counter(base.counter) + "\n"
    if base.policy == .drop, base.kind == "filter" { text += terminal.styled("    ! what no rule accepts is dropped\n", .red) }
    var written: Set<String> = []
    write(chain, hits, "    ", terminal, &written, &text)
    return text
  }

  private func write(
    _ chain: ChainView, _ hits: [RuleReach.Hit], _ indent: String, _ terminal: Terminal, _ written: inout Set<String>, _ text: inout String
  ) {
    guard indent.count < 40, written.insert(chain.name).inserted else { return }
    for hit in hits where hit.chain.name == chain.name {
      let line = Terminal.plain(view.words(hit.rule, in: chain.table)), mark = RulesReport.isMarked(hit)
      let comment = hit.rule.comment.map { "  # \(Terminal.plain($0))" } ?? ""
      text +=
        indent + (mark ? terminal.styled("! \(line)", .red) : line) + counter(hit.rule.counter) + terminal.styled(comment, .faint) + "\n"
      for name in reach.targets(hit.rule, chain.table) {
        guard let target = view.chain(chain.table, name), hits.contains(where: { $0.chain.name == name }) else { continue }
        if !written.contains(name), !hit.rule.targets.contains(name) {
          text += indent + "  " + terminal.styled(Terminal.plain(name), .faint) + "\n"
        }
        write(target, hits, indent + (hit.rule.targets.contains(name) ? "  " : "    "), terminal, &written, &text)
      }
    }
  }

  private func counter(_ counter: Counter?) -> String {
    guard let counter else { return "" }
    return "  (\(Quantity.count(Int(clamping: counter.packets), "packet", "packets")), \(Quantity.bytes(counter.bytes)))"
  }

  /// The elements by their owners.
  private func elements(_ terminal: Terminal) -> String {
    var text = ""
    let groups = Dictionary(grouping: holdings) { $0.owner?.label ?? "" }
    for label in groups.keys.sorted() {
      text += "  " + terminal.styled(label.isEmpty ? "shared" : Terminal.plain(Terminal.brief(label)), .bold) + "\n"
      for holding in (groups[label] ?? []).sorted(by: { ($0.set, $0.key) < ($1.set, $1.key) }) {
        let target = holding.value.map { " -> \(Terminal.plain($0))" } ?? ""
        let connections = holding.connections.map { "  (\(Quantity.count(Int(clamping: $0), "connection", "connections")))" } ?? ""
        text += "    \(holding.set): \(Terminal.plain(holding.key))\(target)\(connections)\n"
      }
    }
    return text
  }

  /// Whether a rule of somebody else drops, refuses or redirects.
  private static func isMarked(_ hit: RuleReach.Hit) -> Bool {
    guard !isOurs(hit.chain) else { return false }
    return hit.rule.expressions.contains { expression in
      switch expression {
      case .verdict(.drop), .reject, .queue: true
      case .translate(.destination, _, _), .translate(.redirect, _, _): true
      default: false
      }
    }
  }

  // MARK: JSON

  var json: JSONValue {
    let elements = holdings.map { holding -> JSONValue in
      [
        "set": .string(holding.set), "key": .string(holding.key), "value": holding.value.map { .string($0) } ?? .null,
        "owner": holding.owner.map { .string($0.label) } ?? .null,
        "connections": holding.connections.map { .integer(Int64(clamping: $0)) } ?? .null,
      ]
    }
    let all = bases.flatMap { base in reach.hits(base).map { json($0, base) } }
    return [
      "elements": .array(elements), "ours": .array(all.filter { $0.isOurs }.map(\.value)),
      "foreign": .array(all.filter { !$0.isOurs }.map(\.value)),
      "policies": .array(
        bases.map { chain in
          [
            "chain": .string(chain.title), "base": .string(chain.base?.description ?? ""),
            "maker": chain.maker.map { .string($0) } ?? .null,
          ]
        }), "old_iptables": .array((view.legacyTables ?? []).map { .string($0) }),
    ]
  }

  private func json(_ hit: RuleReach.Hit, _ base: ChainView) -> (isOurs: Bool, value: JSONValue) {
    let value: JSONValue = [
      "base_chain": .string(base.title), "chain": .string(hit.chain.title), "rule": .string(view.words(hit.rule, in: hit.chain.table)),
      "handle": .integer(Int64(clamping: hit.rule.handle)), "comment": hit.rule.comment.map { .string($0) } ?? .null,
      "marked": .bool(RulesReport.isMarked(hit)), "packets": hit.rule.counter.map { .integer(Int64(clamping: $0.packets)) } ?? .null,
      "bytes": hit.rule.counter.map { .integer(Int64(clamping: $0.bytes)) } ?? .null,
    ]
    return (RulesReport.isOurs(base), value)
  }
}
