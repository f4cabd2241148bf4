import Addresses
import Inspection
import Linux
import Routing
import Rulesets

/// The kernel drops an arrival because it would send an answer elsewhere (rp_filter).
enum ReversePathFilter: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.allHops {
      guard let input = hop.input, case .refused(let code)? = hop.way, code == .otherDevice || code == .invalid, hop.arriving.family == .v4
      else { continue }
      let facts = situation.facts(hop.namespace), setting = { (name: String) in facts.setting("ipv4/conf/\(name)/rp_filter") ?? "?" }
      let reverse = facts.way(.init(to: hop.arriving.source))?.route?.linkIndex.flatMap { situation.host.link($0, in: hop.namespace) }
      let mode = [setting("all"), setting(input.name)].compactMap { Int($0) }.max() ?? 0
      guard mode == 1 && reverse?.index != input.index || mode == 2 && reverse == nil else { continue }
      return Cause(
        "rp-filter",
        "\(situation.name(hop.namespace)) drops what comes from \(hop.arriving.source) by \(input.name): it would answer by \(reverse?.name ?? "no link")",
        evidence: [
          "net.ipv4.conf.all.rp_filter \(setting("all")), net.ipv4.conf.\(input.name).rp_filter \(setting(input.name))",
          situation.command("ip route get \(hop.leaving.destination) from \(hop.arriving.source) iif \(input.name)", in: hop.namespace)
            + ": \(code)",
        ],
        fix: situation.command("sysctl -w net.ipv4.conf.\(input.name).rp_filter=2", in: hop.namespace),
        advice: "accepts sources that any link leads to")
    }
    return nil
  }
}
