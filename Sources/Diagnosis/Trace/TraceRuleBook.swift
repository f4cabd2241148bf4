import Inspection
import Linux
import NFTables
import Rulesets

/// What the rules say that events name by numbers only, in every namespace that is traced.
struct TraceRuleBook {
  private let paths: [Int: String?]
  private var views: [Int: RulesetView] = [:]
  private var unknown: Set<String> = []

  /// Reads the rules of the places; nil leads to the caller's own namespace.
  init(_ paths: [Int: String?]) {
    self.paths = paths
    for place in paths.keys { read(place) }
  }

  /// What an event met; nil for what rules of ours only mark.
  mutating func passage(_ event: TraceEvent, _ place: Int) -> TracedHop.Passage {
    var found = rule(event, place)
    let key = "\(place) \(event.table) \(event.chain) \(event.handle ?? 0)"
    // It has been made since the rules were read.
    if found.chain == nil || event.kind == .rule && found.rule == nil, unknown.insert(key).inserted {
      read(place)
      found = rule(event, place)
    }
    var words: String, isTranslation = false
    switch event.kind {
    case .policy: words = "policy \(event.verdict?.description ?? "?")"
    case .return: words = "end of the chain"
    case .rule:
      words = event.verdict?.description ?? (event.isQueued ? "queue" : "rule \(event.handle ?? 0)")
      if let rule = found.rule, let view = views[place] {
        words = view.words(rule, in: event.table)
        isTranslation = rule.expressions.contains { if case .translate = $0 { true } else { false } }
      }
    }
    return TracedHop.Passage(
      table: event.table, chain: event.chain, hook: found.chain?.base?.hookName, words: words, verdict: event.verdict,
      isTranslation: isTranslation)
  }

  /// Whether a rule answers what it drops.
  func isRefusal(_ event: TraceEvent, _ place: Int) -> Bool {
    rule(event, place).rule?.expressions.contains { if case .reject = $0 { true } else { false } } ?? false
  }

  private func rule(_ event: TraceEvent, _ place: Int) -> (chain: ChainView?, rule: RuleView?) {
    let chain = views[place]?.chain(event.table, event.chain)
    return (chain, event.handle.flatMap { handle in chain?.rules.first { $0.handle == handle } })
  }

  private mutating func read(_ place: Int) {
    guard let path = paths[place] else { return }
    // Without the rules' words their numbers must do.
    if let path { views[place] = try? NetworkNamespace(path: path).inside { try RulesetView() } } else { views[place] = try? RulesetView() }
  }
}
