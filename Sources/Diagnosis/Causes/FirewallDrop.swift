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
    let path = passage.evaluation.steps.compactMap { step -> String? in
      if case .entered(let name) = step.effect { return name }
      return nil
    }
    let base = passage.evaluation.base ?? decision.chain
    var lines = ["chain \(base.title) (\(base.base.map { "\($0)" } ?? ""))"]
    if let rule = decision.rule {
      let counter = rule.counter.map { ", counted \($0.packets) packets" } ?? ""
      lines.append(
        "\(decision.chain.name): \(ruleset.words(rule, in: decision.chain.table))\(rule.comment.map { " (\($0))" } ?? "")\(counter)")
      if decision.chain.name != base.name, !path.isEmpty { lines.append("by way of \(path.joined(separator: ", "))") }
    } else {
      lines.append("no rule of it accepts the packet, so its policy drops it")
    }
    return lines
  }
}
