internal import Addresses
internal import ArgumentParser
internal import Conntrack
internal import Inspection
internal import JSON
internal import Routing

/// `netctl conn [CONTAINER]`
struct ConnListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the host's tracked connections, or those of one container.",
    discussion: """
      FROM opened the connection to TO. REACHES is who answers, where a published port or another rule sends it elsewhere; SEEN AS is the
      address that the answering side sees, where that is not the client's. An entry whose container is gone, or whose port leads elsewhere
      by now, is stale: packets that still come follow it, not the rules. If there is one, the exit status is 1.

      Examples:
        netctl conn
        netctl conn web
        netctl conn --stale
        netctl conn flush --stale
      """)

  @OptionGroup var options: ViewOptions
  @Flag(name: .long, help: "Only entries that lead astray.") var stale = false
  @Argument(help: "Only connections of this container.") var container: String?

  func run() throws {
    let host = try options.host(), audit = ConnectionAudit(host)
    var addresses: [IPAddress] = []
    if let container {
      addresses = try ConnListCommand.addresses(of: container, host)
      if addresses.isEmpty { return Terminal.write(options.json ? "{\n  \"connections\": []\n}\n" : "it has no address\n") }
    }
    let connections = try audit.connections(of: addresses).filter { !stale || $0.staleness != nil }
    if options.json {
      Terminal.write(JSONValue.object(JSONObject([("connections", .array(connections.map(\.json)))])).indented() + "\n")
    } else {
      var table = TextTable([
        .init("PROTO"), .init("FROM"), .init("TO"), .init("REACHES"), .init("SEEN AS", rank: 2), .init("STATE", rank: 1), .init("STALE"),
      ])
      for connection in connections { table.add(connection.cells) }
      Terminal.write(table.text(options.terminal))
    }
    if connections.contains(where: { $0.staleness != nil }) { throw Verdict.finding }
  }

  /// The addresses of a container that connections may have.
  static func addresses(of container: String, _ host: HostView) throws -> [IPAddress] {
    let namespace = try ContainerSearch.namespace(container, host)
    return namespace.interfaces.flatMap { namespace.addresses(of: $0) }.map(\.address.address)
  }
}

extension TrackedConnection {
  /// The row of a table.
  var cells: [String] {
    let original = connection.original
    return [
      original.transport?.rawValue ?? TrackedConnection.names[original.protocolNumber] ?? "\(original.protocolNumber)",
      end(original.source, original.sourcePort, client),
      end(original.destination, original.destinationPort, translatedDestination == nil ? server : nil),
      translatedDestination.map { end($0.address, $0.port, server) } ?? "", translatedSource.map { end($0.address, $0.port, nil) } ?? "",
      state, staleness ?? "",
    ]
  }

  /// Protocols without ports, as people call them.
  private static let names: [UInt8: String] = [1: "icmp", 2: "igmp", 4: "ipip", 47: "gre", 50: "esp", 58: "icmpv6"]

  /// `answered, 118 s left`
  private var state: String {
    let answer = connection.status.contains(.seenReply) ? "answered" : "unanswered"
    return answer + (connection.timeout.map { ", \(Quantity.age(Int($0))) left" } ?? "")
  }

  private func end(_ address: IPAddress, _ port: UInt16, _ name: String?) -> String {
    let place = connection.original.transport == nil ? "\(address)" : address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    return name.map { "\($0) \(place)" } ?? place
  }

  /// One line for an entry that is gone.
  var sentence: String {
    let cells = cells
    return "\(cells[0]) \(cells[1]) to \(cells[2])" + (cells[3].isEmpty ? "" : ", which reached \(cells[3])")
  }

  /// An element of `connections[]`.
  var json: JSONValue {
    func side(_ address: IPAddress, _ port: UInt16) -> JSONValue { ["address": .string("\(address)"), "port": .integer(Int64(port))] }
    let original = connection.original
    return [
      "protocol": original.transport.map { .string($0.rawValue) } ?? .integer(Int64(original.protocolNumber)),
      "from": side(original.source, original.sourcePort), "from_name": client.map { .string($0) } ?? .null,
      "to": side(original.destination, original.destinationPort),
      "reaches": side(connection.reply.source, connection.reply.sourcePort), "reaches_name": server.map { .string($0) } ?? .null,
      "seen_as": side(connection.reply.destination, connection.reply.destinationPort),
      "answered": .bool(connection.status.contains(.seenReply)), "seconds_left": connection.timeout.map { .integer(Int64($0)) } ?? .null,
      "mark": .integer(Int64(connection.mark)), "stale": staleness.map { .string($0) } ?? .null,
    ]
  }
}
