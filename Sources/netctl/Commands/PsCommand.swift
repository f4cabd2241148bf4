internal import Addresses
internal import ArgumentParser
internal import HostRules
internal import Inspection
internal import JSON
internal import Routing

/// `netctl ps`
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "Every network namespace of this host, who owns it, and how it is connected.",
    discussion: """
      One line for each interface. RX and TX are bytes as the container sees them. A namespace of which nothing could be read
      shows why instead; run as root to see those of other people.

      Examples:
        netctl ps
        netctl ps --json | jq -r '.namespaces[] | select(.owner.kind == "podman") | .pid'
      """)

  @OptionGroup var options: ViewOptions

  func run() throws {
    let host = try options.host()
    if options.json { return Terminal.write(NamespaceReport(host).json.indented() + "\n") }
    let terminal = options.terminal
    var table = TextTable([
      .init("NAME"), .init("OWNER"), .init("PID", rank: 3), .init("INTERFACE"), .init("ADDRESSES"), .init("HOST VETH", rank: 2),
      .init("BRIDGE", rank: 1), .init("PORTS", rank: 4), .init("MAC", rank: 9), .init("MTU", rank: 8), .init("RX", rank: 7),
      .init("TX", rank: 6), .init("AGE", rank: 5),
    ])
    for position in host.namespaces.indices.dropFirst() { add(host, position, to: &table) }
    Terminal.write(table.text(terminal))
    for problem in host.problems { Terminal.write(terminal.styled("could not read: \(Terminal.plain(problem))\n", .yellow)) }
    if host.hiddenProcesses > 0 { Terminal.write(terminal.styled("\(PsCommand.hidden(host))\n", .yellow)) }
  }

  /// What could not be seen for want of rights.
  static func hidden(_ host: HostView) -> String {
    let processes = Quantity.count(host.hiddenProcesses, "process of another user", "processes of other users")
    return "\(processes) did not say which namespace they are in; root sees them"
  }

  private func add(_ host: HostView, _ position: Int, to table: inout TextTable) {
    let namespace = host.namespaces[position]
    let head = [
      namespace.owner.name ?? namespace.owner.id.map { String($0.prefix(12)) } ?? "", namespace.owner.kind.rawValue,
      namespace.processes.first.map { "\($0)" } ?? "",
    ]
    let age = namespace.age.map { Quantity.age($0) } ?? ""
    if let problem = namespace.problem {
      return table.add(head + ["(\(problem))"] + [String](repeating: "", count: 8) + [age])
    }
    let interfaces = namespace.interfaces
    if interfaces.isEmpty { table.add(head + ["(none)"] + [String](repeating: "", count: 8) + [age]) }
    for link in interfaces {
      let addresses = namespace.addresses(of: link), peer = host.peer(of: link, in: position)
      let ports = host.arrows(to: link, in: position)
      table.add(
        head + [
          link.name + (link.isUp ? "" : " (down)"), addresses.map { "\($0.address)" }.joined(separator: " "),
          peer.map { $0.namespace == 0 ? $0.link.name : "\($0.link.name) (not on the host)" } ?? "",
          peer.flatMap { host.master(of: $0.link, in: $0.namespace)?.name } ?? "", PsCommand.text(ports),
          link.macAddress.map { "\($0)" } ?? "", "\(link.mtu)", link.traffic.map { Quantity.bytes($0.receivedBytes) } ?? "",
          link.traffic.map { Quantity.bytes($0.sentBytes) } ?? "", age,
        ])
    }
  }

  /// `8080->80/tcp, 127.0.0.1:5353->53/udp`, the first three.
  private static func text(_ texts: [String]) -> String {
    texts.count > 3 ? texts.prefix(3).joined(separator: ", ") + " and \(texts.count - 3) more" : texts.joined(separator: ", ")
  }
}
