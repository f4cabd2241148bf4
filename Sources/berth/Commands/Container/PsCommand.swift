internal import ArgumentParser
internal import Engine

/// `berth ps`
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List containers")

  @Flag(name: [.short, .long], help: "Show all containers (default shows just running)") var all = false
  @Flag(name: [.short, .long], help: "Only display container IDs") var quiet = false
  @Flag(name: [.short, .long], help: "Show the latest created container (includes all states)") var latest = false
  @Option(name: [.customShort("n", allowingJoined: true), .long], help: "Show n last created containers (includes all states)") var last:
    Int?
  @Flag(help: "Don't truncate output") var noTrunc = false
  @Option(name: [.short, .long], help: "Filter output based on conditions provided") var filter: [String] = []
  @Option(help: "Format output: table, json or a template") var format: String?

  func run() throws {
    let store = try Invocation.store(), filter = try ContainerFilter(filter, store)
    let limit = latest ? 1 : last ?? 0
    var records = try store.records()
    if !all, limit <= 0, !filter.concernsStopped {
      records = records.filter { [.running, .paused, .restarting].contains($0.status.state) }
    }
    records = try filter.apply(records)
    if limit > 0 { records = Array(records.prefix(limit)) }
    let now = Timestamp.now()
    let listing = Listing(
      columns: [
        ("CONTAINER ID", "ID"), ("IMAGE", "Image"), ("COMMAND", "Command"), ("CREATED", "RunningFor"), ("STATUS", "Status"),
        ("PORTS", "Ports"),
        ("NAMES", "Names"),
      ],
      rows: records.map { ContainerSummary(record: $0).row(truncates: !noTrunc, now: now) })
    try listing.print(quiet: quiet ? "ID" : nil, format: format)
  }
}
