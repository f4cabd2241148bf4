internal import ArgumentParser
internal import CNI
internal import JSON
internal import Reconciliation

/// `netctl gc`
struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Removes what containers that are gone have left, ours and other programs'.",
    discussion: """
      Address reservations, records of the result cache, elements of our table, links, intermediate devices of the bandwidth plugin, names in
      /run/netns, tracked connections; of the reference plugins chains and rules of iptables (nf_tables) and the tables cni_hostport and
      cni_plugins_masquerade; of nerdctl its hosts files. Each is shown with its owner, its age and the reason.

      Nothing is removed of which there is any sign of life: a namespace, a process, a link that leads into a container, an address on an
      interface. What is younger than --min-age may belong to a container that is just being made, and stays. With --dry-run nothing is
      removed, and the exit status is 1 if there is something to remove.

      Examples:
        netctl gc --dry-run
        netctl gc
      """)

  @Flag(name: .long, help: "Only show what would be removed.") var dryRun = false
  @Option(name: .long, help: ArgumentHelp("How old things must be.", valueName: "seconds")) var minAge = 60
  @OptionGroup var options: ViewOptions

  func validate() throws {
    if minAge < 0 { throw ValidationError("--min-age: expected seconds, 0 or more, got \(minAge)") }
  }

  func run() throws {
    try options.enterNamespace()
    let search: GarbageSearch
    do { search = try GarbageSearch(minimumAge: minAge) } catch let error as GarbageSearch.Obstacle {
      throw Problem("it cannot be told what lives, so nothing is removed: \(Terminal.plain(error.description))", .unknown)
    }
    let outcomes = dryRun ? search.found.map { (garbage: $0, failure: String?.none) } : search.remove()
    let failures = outcomes.filter { $0.failure != nil }
    if options.json { json(search, outcomes) } else { text(search, outcomes) }
    if dryRun && !outcomes.isEmpty || !failures.isEmpty { throw Verdict.finding }
    if !search.problems.isEmpty { throw Verdict.unknown }
  }

  private func text(_ search: GarbageSearch, _ outcomes: [(garbage: Garbage, failure: String?)]) {
    let terminal = options.terminal
    if outcomes.isEmpty {
      Terminal.write("nothing to remove\n")
    } else {
      var table = TextTable([.init("KIND"), .init("WHAT"), .init("OWNER"), .init("AGE", rank: 1), .init("REASON", rank: 2)])
      for (garbage, _) in outcomes {
        let owner = Terminal.brief(garbage.owner ?? ""), age = garbage.age.map { Quantity.age($0) } ?? ""
        table.add([garbage.kind.rawValue, garbage.what, owner, age, Terminal.brief(garbage.reason)])
      }
      Terminal.write(table.text(terminal))
      for (garbage, failure) in outcomes {
        if let failure { Terminal.write(terminal.styled("not removed: \(Terminal.plain("\(garbage.what): \(failure)"))", .red) + "\n") }
      }
      let count = Quantity.count(outcomes.count { $0.failure == nil }, "thing", "things")
      Terminal.write(dryRun ? "\(count) would be removed\n" : "\(count) removed\n")
    }
    if search.tooYoung > 0 {
      Terminal.write("\(Quantity.count(search.tooYoung, "thing", "things")) younger than \(minAge) s left alone\n")
    }
    for problem in search.problems { Terminal.write(terminal.styled("could not look at \(Terminal.plain(problem))", .yellow) + "\n") }
  }

  private func json(_ search: GarbageSearch, _ outcomes: [(garbage: Garbage, failure: String?)]) {
    let list = outcomes.map { garbage, failure -> JSONValue in
      [
        "kind": .string(garbage.kind.rawValue), "what": .string(garbage.what), "owner": garbage.owner.map { .string($0) } ?? .null,
        "age_seconds": garbage.age.map { .integer(Int64($0)) } ?? .null, "reason": .string(garbage.reason),
        "removed": .bool(!dryRun && failure == nil), "failure": failure.map { .string($0) } ?? .null,
      ]
    }
    let object = JSONObject([
      ("garbage", .array(list)), ("too_young", .integer(Int64(search.tooYoung))), ("problems", .array(search.problems.map { .string($0) })),
    ])
    Terminal.write(JSONValue.object(object).indented() + "\n")
  }
}
