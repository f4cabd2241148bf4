internal import ArgumentParser
internal import CNI
internal import JSON
internal import Linux
internal import Reconciliation

/// `netctl watch`
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Keeps containers' networks as they are to be: puts back at once what others take away.",
    discussion: """
      Listens to what the kernel tells of nftables, links, addresses and routes, on the host and in containers, and to the runtimes' result
      cache. A foreign nft flush ruleset, a deleted rule, an address that was flushed, a link that was switched off or taken from its bridge:
      each is put back within milliseconds, and one line says what it was, who did it where the kernel tells, and how long it was gone.
      Somebody who keeps removing the same is not fought without end: after five repairs in ten seconds each further one waits, longer every time.

      SIGTERM ends it. Under systemd (Type=notify) it says when it is ready; see netctl-watch.service.

      Examples:
        netctl watch
        systemctl enable --now netctl-watch
      """)

  @OptionGroup var options: ViewOptions

  func run() throws {
    try options.enterNamespace()
    let manager = ServiceManager()
    var watch = try NetworkWatch(cache: ResultCache())
    let terminal = options.terminal, isJSON = options.json
    try watch.run { report in
      if case .ready(let count) = report {
        manager?.notify("READY=1\nSTATUS=watching \(Quantity.count(count, "attachment", "attachments"))")
      }
      Terminal.write(isJSON ? WatchCommand.json(report).text + "\n" : WatchCommand.text(report, terminal))
    }
    manager?.notify("STOPPING=1")
  }

  private static func text(_ report: NetworkWatch.Report, _ terminal: Terminal) -> String {
    switch report {
    case .ready(let count): return "watching \(Quantity.count(count, "attachment", "attachments"))\n"
    case .repaired(let differences, let culprit, let gap):
      let shown = differences.prefix(10).map { "  \(CheckCommand.line($0))\n" }.joined()
      let more = differences.count > 10 ? "  and \(differences.count - 10) more\n" : ""
      let who = culprit.map { " that \(Terminal.plain($0)) had changed" } ?? ""
      let count = Quantity.count(differences.count, "thing", "things")
      return terminal.styled("put back \(count)\(who) after \(milliseconds(gap)) ms", .green) + "\n" + shown + more
    case .irreparable(let difference, let reason):
      return terminal.styled("cannot put right: \(CheckCommand.line(difference)) (\(Terminal.plain(reason)))", .red) + "\n"
    case .waits(let what, let culprit, let seconds):
      let who = culprit.map { Terminal.plain($0) } ?? "somebody"
      return terminal.styled("\(who) keeps changing \(Terminal.plain(what)): the next repair waits \(seconds) s", .yellow) + "\n"
    case .resynchronizes: return terminal.styled("the kernel told more than could be read: everything is compared", .yellow) + "\n"
    case .problem(let sentence): return terminal.styled("could not compare: \(Terminal.plain(sentence))", .yellow) + "\n"
    }
  }

  /// `1.8`
  private static func milliseconds(_ nanoseconds: Int64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func json(_ report: NetworkWatch.Report) -> JSONValue {
    switch report {
    case .ready(let count): return ["event": "ready", "attachments": .integer(Int64(count))]
    case .repaired(let differences, let culprit, let gap):
      return [
        "event": "repaired", "by": culprit.map { .string($0) } ?? .null, "gap_microseconds": .integer(gap / 1000),
        "differences": .array(differences.map { CheckCommand.json($0) }),
      ]
    case .irreparable(let difference, let reason):
      return ["event": "irreparable", "difference": CheckCommand.json(difference), "reason": .string(reason)]
    case .waits(let what, let culprit, let seconds):
      return [
        "event": "waits", "what": .string(what), "by": culprit.map { .string($0) } ?? .null, "seconds": .integer(Int64(seconds)),
      ]
    case .resynchronizes: return ["event": "resynchronizes"]
    case .problem(let sentence): return ["event": "problem", "reason": .string(sentence)]
    }
  }
}
