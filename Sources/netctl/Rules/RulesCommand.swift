internal import Addresses
internal import ArgumentParser
internal import HostRules
internal import Inspection
internal import JSON
internal import NFTables
internal import Routing
internal import Rulesets

/// `netctl rules`
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "The host's rules for containers as a tree in words, with counters; and others' rules that can touch them.",
    discussion: """
      Our table is inet swift_cni: chains that never change, and sets whose elements say whose they are. Below it stand the chains of others
      that a packet of a container passes, in the order in which the kernel asks them. Rules that drop, refuse or translate are marked with !.
      Tables of the old iptables cannot be read here: their names are told.

      Examples:
        netctl rules
        netctl rules --for web
        netctl rules --json | jq '.foreign[] | select(.marked)'
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .customLong("for"), help: "Only what concerns this container.") var container: String?

  func run() throws {
    let host = try options.host(), view = try RulesetView()
    var rules = try HostRules()
    var holdings = try rules.holdings(), reach = RuleReach(view)
    if let container {
      let namespace = try ContainerSearch.namespace(container, host)
      let position = host.namespaces.firstIndex { $0.identity == namespace.identity } ?? 0
      let addresses = namespace.interfaces.flatMap { namespace.addresses(of: $0) }.map(\.address.address)
      let peers = namespace.interfaces.compactMap { host.peer(of: $0, in: position) }.filter { $0.namespace == 0 }.map(\.link)
      let links = peers.map(\.name) + peers.compactMap { host.master(of: $0, in: 0)?.name }
      reach = RuleReach(view, addresses: addresses, links: links)
      let identifiers = [namespace.owner.id, namespace.owner.name].compactMap { $0 }
      holdings = holdings.filter { holding in
        if let owner = holding.owner { return identifiers.contains(owner.containerID) }
        // What attachments share says whom it is about by its key.
        let words = holding.key.split(separator: " ").map(String.init)
        return !Set(words).isDisjoint(with: addresses.map(\.description) + links.map { "\"\($0)\"" } + links)
      }
    }
    let report = RulesReport(view, holdings, reach)
    if options.json {
      Terminal.write(report.json.indented() + "\n")
    } else {
      Terminal.write(report.text(options.terminal))
    }
  }
}
