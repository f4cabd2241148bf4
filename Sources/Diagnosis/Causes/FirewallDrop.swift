import NFTables
import Routing
import Rulesets

/// A rule, or the policy of a base chain, drops or refuses the packet, or the answer to it.
enum FirewallDrop: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (position, hop) in situation.allHops.enumerated() {
      guard let passage = hop.obstacle, let decision = passage.evaluation.decision, let ruleset = situation.facts(passage.namespace).ruleset
      else { continue }
      let isAnswer = position >= situation.hops.count
      if decision.chain.table.name == "firewalld_policy_drop" { return panic(decision, passage, situation) }
      let chain = decision.chain, maker = passage.evaluation.base?.maker ?? chain.maker
      let whose = whose(maker, chain, ruleset)
      let remedy = FirewallRemedy(passage, passage.evaluation.packet, ruleset)
      let verb: String
      switch passage.evaluation.outcome {
      case .rejected: verb = "refuses"
      case .queued: verb = "hands to a program"
      default: verb = "drops"
      }
      let what = "\(whose) \(verb) \(isAnswer ? "the answer" : "it") on \(situation.name(passage.namespace)), in chain \(chain.title)"
      let kind = chain.table.name == "swift_cni" ? "isolation" : "firewall"
      var fixes = remedy.commands.map { situation.command($0, in: passage.namespace) }
      if kind == "isolation", let bridge = hop.crossing?.bridge, let port = bridge.output, port.port?.isolated == true {
        fixes.append(situation.command("bridge link set dev \(port.name) isolated off", in: bridge.namespace))
      }
      return Cause(
        kind, kind == "isolation" ? "the ingress policy keeps it out: \(what)" : what, evidence: evidence(decision, passage, ruleset),
        fix: fixes.joined(separator: " && "), advice: remedy.advice)
    }
    return nil
  }

  /// The table that firewalld makes for `firewall-cmd --panic-on`, and for the moment in which it loads its rules.
  private static func panic(_ decision: Evaluation.Step, _ passage: Hop.Passage, _ situation: Situation) -> Cause {
    Cause(
      "panic-mode", "firewalld is in panic mode: it drops everything on \(situation.name(passage.namespace))",
      evidence: [
        "chain \(decision.chain.title) (\(decision.chain.base.map { "\($0)" } ?? ""))",
        "firewalld makes that table for its panic mode (firewall-cmd --query-panic)",
      ],
      fix: situation.command("firewall-cmd --panic-off", in: passage.namespace),
      advice: "ends the panic mode, which somebody has begun with --panic-on")
  }

  private static func whose(_ maker: String?, _ chain: ChainView, _ ruleset: RulesetView) -> String {
    let names = [
      "docker": "Docker's firewall", "ufw": "ufw", "firewalld": "firewalld", "ours": "our table swift_cni", "podman": "podman's firewall",
      "libvirt": "libvirt's firewall", "cni": "a CNI plugin's firewall", "kubernetes": "kube-proxy",
    ]
    if let name = maker.flatMap({ names[$0] }) { return name }
    // The built-in chains of iptables are everybody's; who sets their policy shows in what they jump to.
    let callees = chain.rules.flatMap(\.targets)
    for (prefix, name) in [("DOCKER", "Docker's firewall"), ("ufw", "ufw")] where callees.contains(where: { $0.hasPrefix(prefix) }) {
      return name
    }
    return "the firewall table \(chain.table)"
  }

  private static func evidence(_ decision: Evaluation.Step, _ passage: Hop.Passage, _ ruleset: RulesetView) -> [String] {
    let base = passage.evaluation.base ?? decision.chain
    var lines = ["chain \(base.title) (\(base.base.map { "\($0)" } ?? ""))"]
    if let rule = decision.rule {
      let counter = rule.counter.map { ", counted \($0.packets) packets" } ?? ""
      lines.append(
        "\(decision.chain.name): \(ruleset.words(rule, in: decision.chain.table))\(rule.comment.map { " (\($0))" } ?? "")\(counter)")
      let path = way(to: decision.chain.name, passage.evaluation.steps)
      if decision.chain.name != base.name { lines.append("by way of \(path.joined(separator: ", "))") }
    } else {
      lines.append("no rule of it accepts the packet, so its policy drops it")
    }
    return lines
  }

  /// The chains that led to one, the base chain first; not those that it came back from.
  private static func way(to chain: String, _ steps: [Evaluation.Step]) -> [String] {
    var way = [chain]
    for step in steps.reversed() {
      if case .entered(let name) = step.effect, name == way[0] { way.insert(step.chain.name, at: 0) }
    }
    return way
  }
}
