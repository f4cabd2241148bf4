import Addresses
import NFTables

/// Takes a packet through chains, and writes down what happens.
struct RuleWalker {
  private let view: RulesetView
  var evaluation: Evaluation
  /// Whether a chain of kind nat has decided.
  private(set) var hasTranslated = false

  init(_ view: RulesetView, _ packet: Packet) {
    self.view = view
    evaluation = Evaluation(packet: packet)
  }

  /// How a chain ends.
  private enum End {
    case returned
    case decided(Evaluation.Outcome)
  }

  mutating func walk(base chain: ChainView) -> Evaluation.Outcome {
    if case .decided(let outcome) = walk(chain, depth: 0) { return outcome }
    let outcome: Evaluation.Outcome = chain.base?.policy == .drop ? .dropped : .accepted
    evaluation.steps.append(.init(chain: chain, rule: nil, effect: .policy(outcome)))
    return outcome
  }

  private mutating func walk(_ chain: ChainView, depth: Int) -> End {
    // The kernel refuses loops and more than sixteen jumps in each other.
    guard depth < 17 else { return .returned }
    for rule in chain.rules {
      var run = RuleRun(view, chain, evaluation.packet)
      let result = run.run(rule)
      guard result != .mismatch else { continue }
      guard run.isCertain else {
        if let effect = RuleWalker.effect(result) { evaluation.uncertain.append(.init(chain: chain, rule: rule, effect: effect)) }
        continue
      }
      if run.packet != evaluation.packet, case .matched = result {
        evaluation.steps.append(.init(chain: chain, rule: rule, effect: .marked(run.packet.mark)))
      }
      evaluation.packet = run.packet
      if let effect = RuleWalker.effect(result) { evaluation.steps.append(.init(chain: chain, rule: rule, effect: effect)) }
      switch result {
      case .mismatch, .matched: continue
      case .ended(let outcome): return .decided(outcome)
      case .translated(let effect):
        hasTranslated = true
        if case .disguised = effect { evaluation.disguise = effect }
        return .decided(.accepted)
      case .verdict(.accept): return .decided(.accepted)
      case .verdict(.drop): return .decided(.dropped)
      case .verdict(.continue): continue
      case .verdict(.return): return .returned
      case .verdict(.jump(let name)):
        if let target = view.chain(chain.table, name), case .decided(let outcome) = walk(target, depth: depth + 1) {
          return .decided(outcome)
        }
      case .verdict(.goto(let name)):
        guard let target = view.chain(chain.table, name) else { return .returned }
        return walk(target, depth: depth + 1)
      }
    }
    return .returned
  }

  private static func effect(_ result: RuleRun.Result) -> Evaluation.Effect? {
    switch result {
    case .mismatch, .matched, .verdict(.continue): nil
    case .ended(let outcome): .decided(outcome)
    case .translated(let effect): effect
    case .verdict(.accept): .decided(.accepted)
    case .verdict(.drop): .decided(.dropped)
    case .verdict(.return): .returned
    case .verdict(.jump(let chain)), .verdict(.goto(let chain)): .entered(chain)
    }
  }
}
