import Addresses
import Glibc
import NFTables
import Rulesets

/// The rule that lets a packet, and the answers to it, through where it is dropped: in the place meant for administrators.
public struct FirewallRemedy: Sendable {
  /// What every rule that we propose has as its comment, so that it can be found and taken back.
  public static let comment = "netctl allow"

  /// The namespace that it is for.
  public let namespace: Int
  /// The commands, to be carried out in this order.
  public let commands: [String]
  /// What it does, and why there.
  public let advice: String

  init(_ passage: Hop.Passage, _ packet: Packet, _ ruleset: RulesetView) {
    namespace = passage.namespace
    let base = passage.evaluation.base, table = base?.table ?? Table(.inet, "filter")
    let isIPv6 = packet.family == .v6, iptables = isIPv6 ? "ip6tables" : "iptables"
    // For answers the packet that began it is the other way round.
    let isAnswer = packet.state == .established
    let transport = NFTablesName.transport(packet.protocolNumber)
    let hasPort = (isAnswer ? packet.sourcePort : packet.destinationPort) != 0
    let server = isAnswer ? packet.source : packet.destination, port = isAnswer ? packet.sourcePort : packet.destinationPort
    let isForward = passage.hook == "forward"
    let needsAnswers = !isAnswer && isForward && !(base.map { FirewallRemedy.passesAnswers(packet, $0, ruleset) } ?? true)
    let decision = passage.evaluation.decision, place = decision?.chain.name ?? ""
    // What a rule of the base chain drops never comes to the chains of ufw.
    let isUFW =
      (decision?.rule == nil || place.hasPrefix("ufw"))
      && ruleset.chains.contains { $0.table.name == table.name && $0.table.family == table.family && $0.name.hasPrefix("ufw") }
    // These programs keep rules for their host; a container with rules of its own has nobody who does.
    let hasProgram = passage.namespace == 0 && !isAnswer

    let there = hasPort ? "-p \(transport) --dport \(port)" : "", back = hasPort ? "-p \(transport) --sport \(port)" : ""
    let note = "-m comment --comment '\(FirewallRemedy.comment)'"
    let rule = { (chain: String) -> [String] in
      let forth = "\(iptables) \(table.name == "filter" ? "" : "-t \(table.name) ")-I \(chain) -d \(server) \(there) \(note) -j ACCEPT"
      let answers =
        "\(iptables) \(table.name == "filter" ? "" : "-t \(table.name) ")-I \(chain) -s \(server) \(back) -m conntrack --ctstate RELATED,ESTABLISHED \(note) -j ACCEPT"
      return (isAnswer ? [answers] : needsAnswers ? [forth, answers] : [forth]).map { $0.split(separator: " ").joined(separator: " ") }
    }
    if table.name == "swift_cni", table.family == .inet {
      let ip = isIPv6 ? "ip6" : "ip", match = hasPort ? " \(transport) dport \(port)" : ""
      commands = ["nft 'add rule inet swift_cni admin \(ip) daddr \(server)\(match) accept comment \"\(FirewallRemedy.comment)\"'"]
      advice = "asks the administrator's chain of our table first, which lets it through"
    } else if ruleset.chain(table, "DOCKER-USER") != nil, isForward, table.family == .ipv4 || table.family == .ipv6 {
      commands = rule("DOCKER-USER")
      advice = "lets it through in DOCKER-USER, which Docker keeps for administrators"
    } else if isUFW, place.hasPrefix("ufw-before") || place.hasPrefix("ufw6-before") {
      commands = rule(place)
      advice = "lets it through before that rule of ufw; write it to /etc/ufw/before\(isIPv6 ? "6" : "").rules, to keep it"
    } else if isUFW, hasProgram, UFW.isInstalled {
      commands = [UFW.permission(for: packet, hook: passage.hook, isFirst: place.contains("-user-"))]
      advice = "lets it through as ufw does, for good"
    } else if isUFW {
      let user = isForward ? "ufw-user-forward" : passage.hook == "output" ? "ufw-user-output" : "ufw-user-input"
      let name = isIPv6 ? user.replacingPrefix("ufw-", with: "ufw6-") : user
      commands = rule(ruleset.chain(table, name) == nil ? base?.name ?? name : name)
      advice = "lets it through in ufw's chain for the administrator"
    } else if hasProgram, table.name == "firewalld", let lasting = Firewalld.permission(for: packet, hook: passage.hook) {
      commands = lasting
      advice = "lets it through by a policy of firewalld, for good; the reload forgets what others set without --permanent"
    } else if table.family == .ipv4 || table.family == .ipv6, let base, base.name == base.name.uppercased() {
      commands = rule(base.name)
      advice = "lets it through before the rule that drops it"
    } else {
      let ip = isIPv6 ? "ip6" : "ip", match = hasPort ? " \(transport) dport \(port)" : "",
        reply = hasPort ? " \(transport) sport \(port)" : ""
      let start = "insert rule \(table) \(base?.name ?? "forward")", end = "accept comment \"\(FirewallRemedy.comment)\""
      let forth = "nft '\(start) \(ip) daddr \(server)\(match) \(end)'"
      let answers = "nft '\(start) \(ip) saddr \(server)\(reply) ct state established,related \(end)'"
      commands = isAnswer ? [answers] : needsAnswers ? [forth, answers] : [forth]
      advice = "lets it through at the beginning of that chain; write it to where the table is made, to keep it"
    }
  }

  /// Whether the base chain lets answers through.
  private static func passesAnswers(_ packet: Packet, _ base: ChainView, _ ruleset: RulesetView) -> Bool {
    guard let hook = base.base?.hook else { return true }
    let answer = ruleset.evaluate(packet.answer, at: hook)
    // Another chain that drops them is another matter.
    return answer.passes || answer.base?.title != base.title
  }
}

/// Words of nft(8) for numbers.
enum NFTablesName {
  static func transport(_ number: UInt8) -> String { TransportProtocol(number: number)?.rawValue ?? "\(number)" }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
