internal import Addresses
internal import ArgumentParser
internal import CNI
internal import HostRules
internal import JSON
internal import Reconciliation

/// `netctl publish CONTAINER PORT…`
struct PublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publishes ports of a running container, or hands published ports to another container.",
    discussion: """
      All ports appear at once or none. --from lets only the given networks use them; everybody else meets a port that is not published.
      A port that somebody else holds is refused, and the holder is named. What is published is on record: check, DEL and GC know it.

      --move OLD NEW PORT hands a port over in one transaction of the kernel: every attempt to connect finds the old container or the new one.
      Established connections stay with the old one until they end.

      Examples:
        netctl publish web 8080:80
        netctl publish web 5000-5009:5000-5009/udp 127.0.0.1:8443:443
        netctl publish db 5432:5432 --from 192.0.2.0/24 --from 2001:db8::/32
        netctl publish --move web-1 web-2 8080
      """)

  @Flag(name: .long, help: "Hand ports of the first container to the second one.") var move = false
  @Option(name: .long, help: ArgumentHelp("Who may use the ports; may be repeated.", valueName: "network")) var from: [String] = []
  @Argument(help: "Whose ports.") var container: String
  @Argument(
    help: ArgumentHelp(
      "What to publish; with --move the new container, and what to hand over.", valueName: "[address:]host:container[/protocol]"))
  var ports: [String]
  @OptionGroup var options: ViewOptions

  func validate() throws {
    if move && ports.count < 2 { throw ValidationError("--move needs the old container, the new container and at least one port") }
    if move && !from.isEmpty { throw ValidationError("--from cannot go with --move: ports keep the networks that may use them") }
  }

  func run() throws {
    try options.enterNamespace()
    let search = try AttachmentSearch(), publisher = PortPublisher(cache: search.cache)
    if move {
      let selections = try ports.dropFirst().map { try PortWords.selection($0) }
      let old = try search.attachments(of: container, orInterfaces: true), new = try search.attachments(of: ports[0], orInterfaces: true)
      let (lost, gained) = try PublishCommand.carryOut { try publisher.move(selections, from: old, to: new) }
      PublishCommand.report([("moved away", lost), ("published", gained)], options)
    } else {
      let sources = try from.map { try PortWords.source($0) }
      let wanted = try ports.map { try PortWords.published($0, from: sources) }
      let entries = try search.attachments(of: container, orInterfaces: true)
      let change = try PublishCommand.carryOut { try publisher.publish(wanted, on: entries) }
      PublishCommand.report([("published", change)], options)
    }
  }

  /// What somebody else's port prevents is a finding; it is said in one sentence.
  static func carryOut<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as PortConflict {
      throw Problem(Terminal.plain(Terminal.brief("\(error)")), .finding)
    } catch let error
      as PortPublisher.Refusal
    {
      throw Problem(Terminal.plain(Terminal.brief("\(error)")), .finding)
    } catch let error as CNIError { throw Problem(Terminal.plain(Terminal.brief("\(error)")), .finding) }
  }

  /// `published tcp 8080 -> 10.88.0.2:80 (lab/web/eth0)`
  static func report(_ changes: [(verb: String, change: PortPublisher.Change)], _ options: ViewOptions) {
    var list: [JSONValue] = []
    for (verb, change) in changes {
      for port in change.ports {
        let targets = change.containers.map(\.address).filter { port.hostAddress == nil || port.hostAddress?.family == $0.family }
        let numbers =
          port.hostPorts.count == 1
          ? "\(port.containerPort)" : "\(port.containerPort)-\(Int(port.containerPort) + port.hostPorts.count - 1)"
        let texts = targets.map { $0.family == .v4 ? "\($0):\(numbers)" : "[\($0)]:\(numbers)" }
        list.append([
          "change": .string(verb), "port": .string("\(port)"), "leads_to": .array(texts.map { .string($0) }),
          "from": .array(port.sources.map { .string("\($0)") }),
          "attachment": [
            "network": .string(change.attachment.network), "container": .string(change.attachment.containerID),
            "interface": .string(change.attachment.interfaceName),
          ],
        ])
        if options.json { continue }
        let sources = port.sources.isEmpty ? "" : " from \(port.sources.map(\.description).joined(separator: ", "))"
        let whose = Terminal.brief("\(change.attachment)")
        Terminal.write(Terminal.plain("\(verb) \(port)\(sources) -> \(texts.joined(separator: ", ")) (\(whose))") + "\n")
      }
    }
    if options.json { Terminal.write(JSONValue.object(JSONObject([("changes", .array(list))])).indented() + "\n") }
  }
}
