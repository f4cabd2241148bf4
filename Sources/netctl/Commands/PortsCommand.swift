internal import Addresses
internal import ArgumentParser
internal import HostRules
internal import Inspection
internal import JSON
internal import Linux
internal import Sockets

/// `netctl ports`
struct PortsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ports", abstract: "Who holds which port of this host: published ports and listening processes.",
    discussion: """
      TO says who can reach the port: everyone, those who reach one address of the host, or this host alone. CONNECTIONS counts
      what a published port has had since it was published. A port that is published and that a process listens on as well is a
      conflict: the container gets the connections. Then the exit status is 1.

      Examples:
        netctl ports
        netctl ports --json | jq '.ports[] | select(.exposure == "everyone")'
      """)

  @OptionGroup var options: ViewOptions

  func run() throws {
    try options.enterNamespace()
    var problems: [String] = []
    let usages = try PortUsage.all(problems: &problems).sorted()
    if options.json {
      Terminal.write(
        JSONValue.object(JSONObject([("ports", .array(usages.map { $0.json })), ("problems", .array(problems.map { .string($0) }))]))
          .indented() + "\n")
    } else {
      let terminal = options.terminal
      var table = TextTable([
        .init("PORT"), .init("TO"), .init("HOLDER"), .init("LEADS TO", rank: 1), .init("CONNECTIONS", rank: 2), .init("CONFLICT"),
      ])
      for usage in usages {
        table.add([
          usage.title, usage.exposure.rawValue, Terminal.brief(usage.holder), usage.target, usage.connections.map { "\($0)" } ?? "",
          usage.conflict.map { "with \(Terminal.brief($0))" } ?? "",
        ])
      }
      Terminal.write(table.text(terminal))
      for problem in problems { Terminal.write(terminal.styled("could not read: \(Terminal.plain(problem))\n", .yellow)) }
    }
    if usages.contains(where: { $0.conflict != nil }) { throw Verdict.finding }
  }
}
