internal import Addresses
internal import ArgumentParser
internal import Diagnosis
internal import Glibc
internal import Inspection
internal import Linux
internal import NFTables
internal import Rulesets

/// `netctl allow [FROM] DEST`
struct AllowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow", abstract: "Lets through what a firewall drops, in the place meant for administrators.",
    discussion: """
      Asks what why asks. If a firewall is the cause, the rule that lets it through is shown; with --yes, or after a y on a terminal, it is
      added: in DOCKER-USER, by a route of ufw or a policy of firewalld, in the administrator's chain of our table, or at the beginning of the
      chain that drops. Every rule has the comment "netctl allow", or is in a policy of firewalld with that name; --undo removes all of them.

      Examples:
        netctl allow lan web:80            shows the rule, and asks
        netctl allow lan web:80 --yes      adds it
        netctl allow --undo                takes back what allow has added
      """)

  @Argument(help: ArgumentHelp("Who asks, and what is to be reached.", valueName: "from> <dest")) var words: [String] = []
  @Flag(name: .long, help: "Add the rule without asking.") var yes = false
  @Flag(name: .long, help: "Remove every rule that allow has added.") var undo = false
  @OptionGroup var view: ViewOptions

  func validate() throws {
    if undo ? !words.isEmpty : !(1...2).contains(words.count) {
      throw ValidationError(undo ? "allow --undo takes no words" : "allow takes one or two words: [FROM] DEST[:PORT][/udp]")
    }
  }

  func run() throws {
    if undo { return try takeBack() }
    // A rule may be needed at more than one place: after the first one the question is asked again.
    var added: String?
    for _ in 0..<8 {
      let host = try view.host(), question = try QuestionParser(host).question(words)
      let diagnosis: Diagnosis
      do { diagnosis = try Diagnosis(question, host) } catch let error as QuestionError { throw Problem(error.description) }
      guard let cause = diagnosis.cause, cause.kind == "firewall" || cause.kind == "isolation", let fix = cause.fix else {
        if added != nil, diagnosis.cause == nil { return }
        let rest = diagnosis.cause.map { "what is in the way is no rule of a firewall: \($0.sentence)" } ?? "no firewall is in the way"
        Terminal.write("\(Terminal.plain(rest))\n")
        if diagnosis.cause != nil { throw Verdict.finding }
        return
      }
      if fix == added { throw Problem("the rule was added, but \(Terminal.plain(cause.sentence)) as before") }
      Terminal.write(
        "\(Terminal.plain(cause.sentence))\n\(view.terminal.styled(Terminal.plain(fix), .bold))\n  \(Terminal.plain(cause.advice))\n")
      guard try isWanted() else { throw Verdict.finding }
      try carryOut(fix)
      added = fix
      Terminal.write("added; netctl allow --undo takes it back\n")
    }
    throw Problem("eight rules are not enough; see netctl why")
  }

  private func isWanted() throws -> Bool {
    if yes { return true }
    guard isatty(STDIN_FILENO) == 1 else {
      Terminal.write("not added: --yes adds it\n", to: STDERR_FILENO)
      return false
    }
    Terminal.write("add it? [y/N] ")
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }

  /// The words that were shown are what is carried out.
  private func carryOut(_ fix: String) throws {
    let outcome = try ChildProcess(path: "/bin/sh", arguments: ["sh", "-ec", fix], environment: AllowCommand.environment).run(input: [])
    guard outcome.status == 0 else { throw Problem("\(Terminal.plain(fix)) ended with status \(outcome.status)") }
  }

  /// What the firewalls' own programs are started with.
  static var environment: [String] {
    let path = "\(getenv("PATH").map { String(cString: $0) } ?? ""):/usr/sbin:/usr/bin:/sbin:/bin"
    // `netctl enter` in the words is this very program.
    let own = (try? FileSystem.target(ofLink: "/proc/self/exe")).map { ":\(FileSystem.folder(of: $0))" } ?? ""
    return ["PATH=\(path)\(own)", "LC_ALL=C.UTF-8"]
  }

  private func takeBack() throws {
    try view.enterNamespace()
    let host = try HostView()
    var count = 0
    // Other hosts' containers may be in sight, too.
    for position in host.joinedNamespaces.sorted() {
      do {
        if position == 0 {
          count += try removeRules()
        } else if let path = host.namespaces[position].path {
          count += try NetworkNamespace(path: path).inside { try removeRules() }
        }
      } catch { if position == 0 { throw error } }
    }
    // What these programs keep is for the host that they run on.
    if view.netns == nil { count += try removeFromUFW() + removeFromFirewalld() }
    Terminal.write(count == 0 ? "there is no rule of netctl allow\n" : "removed \(Quantity.count(count, "rule", "rules"))\n")
  }

  /// Removes the rules of the calling thread's namespace, and prints each.
  private func removeRules() throws -> Int {
    let ruleset = try RulesetView()
    var transaction = Transaction(), count = 0
    for chain in ruleset.chains {
      for rule in chain.rules where rule.comment == FirewallRemedy.comment {
        transaction.delete(Rule(Chain(chain.table, chain.name), expressions: [], handle: rule.handle))
        Terminal.write("removed from \(Terminal.plain(chain.title)): \(Terminal.plain(ruleset.words(rule, in: chain.table)))\n")
        count += 1
      }
    }
    guard count > 0 else { return 0 }
    var writer = try Ruleset()
    try writer.commit(transaction)
    return count
  }
}
