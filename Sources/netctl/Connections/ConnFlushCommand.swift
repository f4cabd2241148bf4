internal import Addresses
internal import ArgumentParser
internal import Conntrack
internal import Inspection
internal import JSON

/// `netctl conn flush`
struct ConnFlushCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flush", abstract: "Removes tracked connections, those that all given filters mean, and prints each.",
    discussion: """
      The next packet of a removed connection is treated as a new one's. Other filters are needed than --dry-run: a whole table is not emptied by
      mistake.

      Examples:
        netctl conn flush --stale
        netctl conn flush --container web --protocol udp
        netctl conn flush --port 5353 --protocol udp --dry-run
      """)

  @OptionGroup var options: ViewOptions
  @Flag(name: .long, help: "Entries that lead astray, as netctl conn marks them.") var stale = false
  @Option(name: .long, help: "Connections that this container has opened or answers.") var container: String?
  @Option(name: .long, help: "Connections that this address has opened.") var from: String?
  @Option(name: .long, help: "Connections to this address, before or after translation.") var to: String?
  @Option(name: .long, help: "Connections to this port, before or after translation.") var port: UInt16?
  @Option(name: .long, help: ArgumentHelp("tcp, udp or sctp.", valueName: "protocol")) var `protocol`: String?
  @Flag(name: .long, help: "Only print what would go.") var dryRun = false

  func run() throws {
    guard stale || container != nil || from != nil || to != nil || port != nil || `protocol` != nil else {
      throw Problem("conn flush: which connections? See netctl conn flush --help", .usage)
    }
    let transport = try `protocol`.map { word in
      guard let transport = TransportProtocol(rawValue: word) else {
        throw Problem("--protocol: expected tcp, udp or sctp, got \(Terminal.plain(word))", .usage)
      }
      return transport
    }
    let source = try from.map { try ConnFlushCommand.address($0, "--from") },
      target = try to.map { try ConnFlushCommand.address($0, "--to") }
    let host = try options.host(), audit = ConnectionAudit(host)
    let addresses = try container.map { Set(try ConnListCommand.addresses(of: $0, host)) }
    let isMeant = { (tracked: TrackedConnection) -> Bool in
      let (original, reply) = (tracked.connection.original, tracked.connection.reply)
      if stale, tracked.staleness == nil { return false }
      if let addresses, !addresses.contains(original.source), !addresses.contains(reply.source) { return false }
      if let source, original.source != source { return false }
      if let target, original.destination != target, reply.source != target { return false }
      if let port, original.transport == nil || original.destinationPort != port && reply.sourcePort != port { return false }
      return transport == nil || original.transport == transport
    }
    var gone: [TrackedConnection] = [], table = try ConnectionTable()
    for family in IPAddress.Family.allCases {
      try table.remove(ConnectionFilter(family)) { connection in
        let tracked = audit.tracked(connection)
        guard isMeant(tracked) else { return false }
        gone.append(tracked)
        return !dryRun
      }
    }
    if options.json {
      let list = JSONObject([("removed", .bool(!dryRun)), ("connections", .array(gone.map(\.json)))])
      return Terminal.write(JSONValue.object(list).indented() + "\n")
    }
    for tracked in gone { Terminal.write("\(dryRun ? "would remove" : "removed") \(Terminal.plain(tracked.sentence))\n") }
    if gone.isEmpty { Terminal.write("no such connection\n") }
  }

  private static func address(_ word: String, _ option: String) throws -> IPAddress {
    guard let address = IPAddress(word) else { throw Problem("\(option): expected an address, got \(Terminal.plain(word))", .usage) }
    return address
  }
}
