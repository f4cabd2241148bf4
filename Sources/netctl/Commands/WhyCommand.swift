internal import Addresses
internal import ArgumentParser
internal import Diagnosis
internal import Inspection
internal import JSON

/// `netctl why [FROM] DEST`
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Says why something cannot be reached, and what to do about it.",
    discussion: """
      Walks what the kernel will do with the first packet and with the answer, tries it once, and prints each step, one cause with its
      evidence, and one fix. FROM is lan, host, a container, a namespace or an address; without it the host asks, and for the host's own
      addresses the LAN does. DEST is a container, an address, localhost or a port of this host, with :PORT and /udp or /sctp where it is
      not TCP. Exit status 0: reachable; 1: the cause was found; 3: it cannot be told.

      Examples:
        netctl why lan web:80              from another host to what web has published
        netctl why localhost:8080          from this host
        netctl why web db:5432             from one container to another
        netctl why 192.0.2.7 8080/udp      from an address to a port of this host
      """)

  @Argument(help: ArgumentHelp("Who asks, and what is to be reached.", valueName: "from> <dest")) var words: [String]
  @OptionGroup var view: ViewOptions

  func validate() throws {
    guard (1...2).contains(words.count) else { throw ValidationError("why takes one or two words: [FROM] DEST[:PORT][/udp]") }
  }

  func run() throws {
    let host = try view.host()
    let question = try QuestionParser(host).question(words)
    let diagnosis: Diagnosis
    do { diagnosis = try Diagnosis(question, host) } catch let error as QuestionError { throw Problem(error.description) }
    let report = DiagnosisReport(diagnosis, host)
    if view.json { Terminal.write(report.json.indented() + "\n") } else { Terminal.write(report.text(view.terminal)) }
    switch diagnosis.verdict {
    case .reachable: return
    case .cause: throw Verdict.finding
    case .unknown: throw Verdict.unknown
    }
  }
}
