internal import ArgumentParser
internal import Inspection
internal import JSON

/// `netctl doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Looks for what breaks container networks on this host, and tells one fix for each finding.",
    discussion: """
      Forwarding, rp_filter, bridge-nf-call, what the kernel can do (tried in a namespace that is thrown away), rules of the old iptables
      beside nftables, others' firewalls that drop what is forwarded, networkd, udev and NetworkManager taking veths, the fill of the
      connection table, and networks whose addresses are routed elsewhere. Nothing is changed. The exit status is 1 if there is a finding.

      Examples:
        netctl doctor
        netctl doctor --json | jq -r '.findings[].fix'
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?

  func run() throws {
    let host = try options.host()
    let (networks, problems) = try LeasedNetwork.all(conf)
    let audit = HostAudit(host, networks: networks)
    let notes = audit.notes + problems.map { "could not read: \($0)" } + host.problems.map { "could not read: \($0)" }
    if options.json {
      let findings = audit.findings.map { (finding) -> JSONValue in
        ["topic": .string(finding.topic), "finding": .string(finding.text), "fix": .string(finding.fix)]
      }
      let report = JSONObject([("findings", .array(findings)), ("notes", .array(notes.map { .string($0) }))])
      Terminal.write(JSONValue.object(report).indented() + "\n")
    } else {
      let terminal = options.terminal
      for finding in audit.findings {
        Terminal.write(terminal.styled("\(finding.topic): \(Terminal.plain(finding.text))", .red) + "\n")
        Terminal.write("  \(Terminal.plain(finding.fix))\n")
      }
      for note in notes { Terminal.write(terminal.styled("note: \(Terminal.plain(note))", .faint) + "\n") }
      if audit.findings.isEmpty { Terminal.write(terminal.styled("fine", .green) + ": nothing here breaks container networks\n") }
    }
    if !audit.findings.isEmpty { throw Verdict.finding }
  }
}
