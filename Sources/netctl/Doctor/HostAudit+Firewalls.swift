internal import HostRules
internal import Inspection
internal import Linux
internal import Routing
internal import Rulesets

extension HostAudit {
  /// Others' rules that drop what is forwarded, and rules of the old iptables, which nobody sees beside nftables.
  mutating func checkFirewalls() {
    let bridge = host.host.links.first { $0.kind == "bridge" }?.name ?? "BRIDGE"
    do {
      let view = try RulesetView()
      let chains = Set(view.chains.map(\.title))
      for obstacle in host.forwardObstacles {
        find(
          "forward policy", "\(obstacle): packets to and from containers end there unless a rule accepts them before",
          fix: HostAudit.fix(obstacle, bridge, chains))
      }
      guard let tables = view.legacyTables else { return note("whether the old iptables has tables could not be read") }
      if !tables.isEmpty, !view.tables.isEmpty {
        find(
          "iptables-legacy",
          "rules of the old iptables (\(tables.joined(separator: ", "))) are in force beside nftables, and nft does not show them",
          fix: "iptables-legacy-save to see them; move them with iptables-legacy-save | iptables-nft-restore, then flush the old ones")
      }
    } catch { note("the ruleset could not be read: \(error)") }
  }

  /// The rule that lets containers through, in the place that the firewall's makers mean for it.
  private static func fix(_ obstacle: ForwardObstacle, _ bridge: String, _ chains: Set<String>) -> String {
    if chains.contains("\(obstacle.family) \(obstacle.table) DOCKER-USER") {
      return "iptables -I DOCKER-USER -i \(bridge) -j ACCEPT; iptables -I DOCKER-USER -o \(bridge) -j ACCEPT"
    }
    if chains.contains("\(obstacle.family) \(obstacle.table) ufw-user-forward") {
      return "ufw route allow in on \(bridge); ufw route allow out on \(bridge)"
    }
    let chain = "\(obstacle.family) \(obstacle.table) \(obstacle.chain)"
    return "nft insert rule \(chain) iifname \(bridge) accept; nft insert rule \(chain) oifname \(bridge) accept"
  }
}
