internal import ArgumentParser
internal import CNI
internal import JSON
internal import Reconciliation

/// `netctl check [CONTAINER]`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compares what containers are to have with what is there, and puts it back.",
    discussion: """
      What a container is to have is known from the runtimes' result cache and the configuration that ADD got: interfaces, MAC addresses,
      MTUs, addresses, routes, bridge membership, port flags, VLANs, sysctls, address reservations, and the elements of our nftables table.
      One line for each difference; then the exit status is 1. With --fix the differences are put right, also after somebody else's
      nft flush ruleset, and the exit status is 0 if nothing is left.

      Examples:
        netctl check web
        netctl check --all --fix
        netctl check --all --json | jq -r '.differences[].what'
      """)

  @Argument(help: "Whose attachments; without it all are compared.") var container: String?
  @Flag(name: .long, help: "Compare all attachments of the host.") var all = false
  @Flag(name: .long, help: "Put right what differs.") var fix = false
  @OptionGroup var options: ViewOptions

  func validate() throws {
    if all, let container { throw ValidationError("--all and the container \(Terminal.plain(container)) exclude each other") }
  }

  func run() throws {
    try options.enterNamespace()
    let audit = try NetworkAudit(of: entries())
    guard fix, !audit.differences.isEmpty else { return try report(audit, []) }
    let outcomes = audit.repair()
    try report(try NetworkAudit(of: entries()), outcomes)
  }

  private func entries() throws -> [CachedAttachment] {
    let search = try AttachmentSearch()
    return try container.map { try search.attachments(of: $0) } ?? search.entries
  }

  private func report(_ audit: NetworkAudit, _ outcomes: [NetworkAudit.Outcome]) throws {
    let repaired = outcomes.filter { $0.failure == nil }
    if options.json {
      let object = JSONObject([
        ("attachments", .integer(Int64(audit.count))), ("differences", .array(audit.differences.map { CheckCommand.json($0) })),
        ("repaired", .array(repaired.map { CheckCommand.json($0.difference) })), ("problems", .array(audit.problems.map { .string($0) })),
      ])
      Terminal.write(JSONValue.object(object).indented() + "\n")
    } else {
      let terminal = options.terminal
      for one in repaired { Terminal.write("\(terminal.styled("put back", .green)) \(CheckCommand.line(one.difference))\n") }
      for one in audit.differences {
        let failure = outcomes.first { $0.difference.description == one.description && $0.difference.attachment == one.attachment }?.failure
        let reason = failure ?? (fix ? "it came back at once" : nil) ?? one.obstacle
        Terminal.write("\(terminal.styled(CheckCommand.line(one), .red))\(reason.map { " (\(Terminal.plain($0)))" } ?? "")\n")
      }
      for problem in audit.problems { Terminal.write(terminal.styled("could not compare: \(Terminal.plain(problem))\n", .yellow)) }
      let count = Quantity.count(audit.count, "attachment", "attachments")
      if audit.differences.isEmpty && audit.problems.isEmpty {
        Terminal.write("\(count) as \(audit.count == 1 ? "it is" : "they are") to be\n")
      } else if !fix, audit.differences.contains(where: { $0.obstacle == nil }) {
        Terminal.write(
          "\(Quantity.count(audit.differences.count, "difference", "differences")) in \(count); netctl check --fix puts back what it can\n")
      }
    }
    if !audit.differences.isEmpty { throw Verdict.finding }
    if !audit.problems.isEmpty { throw Verdict.unknown }
  }

  /// `lab/web/eth0: address of eth0: intended 10.88.0.2/16, actual missing`
  static func line(_ difference: Difference) -> String {
    Terminal.plain("\(difference.attachment.map { Terminal.brief("\($0)") } ?? "host"): \(difference)")
  }

  static func json(_ difference: Difference) -> JSONValue {
    let whose = difference.attachment.map { attachment -> JSONValue in
      [
        "network": .string(attachment.network), "container": .string(attachment.containerID),
        "interface": .string(attachment.interfaceName),
      ]
    }
    return [
      "attachment": whose ?? .null, "what": .string(difference.what), "intended": .string(difference.intended),
      "actual": .string(difference.actual),
      "obstacle": difference.obstacle.map { .string($0) } ?? .null,
    ]
  }
}
