internal import Addresses
internal import ArgumentParser
internal import IPAM
internal import Inspection
internal import JSON

/// `netctl ipam show`
struct IPAMShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Used and free addresses of each range, and those that come next.",
    discussion: """
      Each cell of a bar stands for as many addresses. With a network's name, its leases are listed, too. Nothing is locked and nothing is
      changed. Addresses that netavark hands out are in a file of its own, and not shown.

      Examples:
        netctl ipam show
        netctl ipam show containers
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?
  @Argument(help: "Only this network, with its leases.") var network: String?

  func run() throws {
    let host = try options.host(), audit = LeaseAudit(host, networks: [])
    let (all, problems) = try LeasedNetwork.all(conf)
    let shown = try network.map { [try LeasedNetwork.named($0, among: all)] } ?? all
    if options.json {
      let networks = try shown.map { try IPAMReport.json($0, audit) }
      let report = JSONObject([("networks", .array(networks)), ("problems", .array(problems.map { .string($0) }))])
      return Terminal.write(JSONValue.object(report).indented() + "\n")
    }
    let terminal = options.terminal
    for network in shown { Terminal.write(try text(network, audit, terminal)) }
    if shown.isEmpty { Terminal.write("no network has addresses of host-local\n") }
    for problem in problems { Terminal.write(terminal.styled("could not read: \(Terminal.plain(problem))\n", .yellow)) }
  }

  private func text(_ network: LeasedNetwork, _ audit: LeaseAudit, _ terminal: Terminal) throws -> String {
    var text = terminal.styled(Terminal.plain(network.name), .bold) + "  \(Terminal.plain(network.folder))\n"
    let used = network.leases.map(\.address)
    for (number, set) in (network.plan?.sets ?? []).enumerated() {
      for pool in set.pools {
        let count = used.count { pool.range.contains($0) }
        text += "  \(pool.subnet)  \(UsageBar.text(pool.range, used: used))  \(count) of \(LeasedNetwork.size(of: pool)) used\n"
      }
      let next = try LeaseStore.upcoming(set, number: number, count: 3, in: network.folder)
      text +=
        next.isEmpty ? terminal.styled("    no address is left\n", .red) : "    next \(next.map(\.description).joined(separator: ", "))\n"
    }
    if network.plan == nil { text += "  no configuration of it is there any more; \(Quantity.count(used.count, "lease", "leases")) left\n" }
    guard self.network != nil else { return text }
    var table = TextTable([.init("ADDRESS"), .init("CONTAINER"), .init("INTERFACE", rank: 1), .init("LEAK")])
    for (address, owner) in network.leases {
      table.add(["\(address)", owner?.containerID ?? "", owner?.ifname ?? "", audit.reason(address, owner) ?? ""])
    }
    return text + "\n" + table.text(terminal)
  }
}
