internal import Addresses
internal import ArgumentParser
internal import IPAM
internal import Inspection
internal import JSON
internal import Routing

/// `netctl ipam check`
struct IPAMCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Addresses that are reserved for nobody, or used without being reserved, and ranges without a free one.",
    discussion: """
      The exit status is 1 if there is anything to tell.

      Examples:
        netctl ipam check
        netctl ipam check containers --json
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?
  @Argument(help: "Only this network.") var network: String?

  private struct Finding {
    let network: String
    let address: IPAddress?
    let container: String?
    let text: String
    let fix: String
  }

  func run() throws {
    let host = try options.host(), audit = LeaseAudit(host, networks: [])
    let (all, problems) = try LeasedNetwork.all(conf)
    let checked = try network.map { [try LeasedNetwork.named($0, among: all)] } ?? all
    let leased = Set(all.flatMap { $0.leases.map(\.address) })
    var findings: [Finding] = []
    for network in checked { findings += try IPAMCheckCommand.findings(network, host, audit, leased) }
    if options.json {
      let list = findings.map { (finding) -> JSONValue in
        [
          "network": .string(finding.network), "address": finding.address.map { .string("\($0)") } ?? .null,
          "container": finding.container.map { .string($0) } ?? .null, "finding": .string(finding.text), "fix": .string(finding.fix),
        ]
      }
      Terminal.write(
        JSONValue.object(JSONObject([("findings", .array(list)), ("problems", .array(problems.map { .string($0) }))])).indented() + "\n")
    } else {
      let terminal = options.terminal
      for finding in findings {
        Terminal.write(terminal.styled("\(Terminal.plain(finding.network)): \(Terminal.plain(finding.text))", .red) + "\n")
        Terminal.write("  \(Terminal.plain(finding.fix))\n")
      }
      for problem in problems { Terminal.write(terminal.styled("could not read: \(Terminal.plain(problem))\n", .yellow)) }
      if findings.isEmpty { Terminal.write("fine: every reserved address is used, and every used one reserved\n") }
    }
    if !findings.isEmpty { throw Verdict.finding }
  }

  private static func findings(
    _ network: LeasedNetwork, _ host: HostView, _ audit: LeaseAudit, _ leased: Set<IPAddress>
  ) throws -> [Finding] {
    var findings: [Finding] = []
    for (address, owner) in network.leases {
      if let reason = audit.reason(address, owner) {
        findings.append(
          Finding(
            network: network.name, address: address, container: owner?.containerID,
            text: "\(address) is reserved for \(owner?.containerID ?? "nobody"), but \(reason)",
            fix: "netctl ipam release \(network.name) \(address)"))
      } else if network.plan != nil, network.set(containing: address) == nil {
        findings.append(
          Finding(
            network: network.name, address: address, container: owner?.containerID,
            text: "\(address) is reserved for \(owner?.containerID ?? "nobody"), but no range of the network has it any more",
            fix: "make the container again, so that it gets an address of the present ranges"))
      }
    }
    for (number, set) in (network.plan?.sets ?? []).enumerated() {
      if try LeaseStore.upcoming(set, number: number, count: 1, in: network.folder).isEmpty {
        findings.append(
          Finding(
            network: network.name, address: nil, container: nil, text: "no address of \(set) is left",
            fix: "netctl ipam check \(network.name) tells leaks; else add a range to the network's configuration"))
      }
    }
    for (place, namespace) in host.namespaces.enumerated().dropFirst() {
      // Other hosts, and what hangs on them, may well have the same addresses.
      let interfaces = namespace.interfaces.filter { host.peer(of: $0, in: place)?.namespace == 0 }
      for address in interfaces.flatMap({ namespace.addresses(of: $0) }).map(\.address.address)
      where network.set(containing: address) != nil && !leased.contains(address) {
        findings.append(
          Finding(
            network: network.name, address: address, container: namespace.title,
            text: "\(address) is used by \(namespace.title), but nobody has reserved it: another container may get it, too",
            fix: "netctl ipam reserve \(network.name) \(address)"))
      }
    }
    return findings
  }
}
