public import Addresses
public import Conntrack
internal import HostRules
internal import Routing
internal import Rulesets

/// Knows who is behind the addresses of tracked connections, and which entries lead astray.
public struct ConnectionAudit: Sendable {
  private struct Port: Hashable {
    let family: IPAddress.Family, transport: TransportProtocol, number: UInt16
  }

  /// Where a port of the host leads, by our table or by a rule of somebody else.
  private struct Target {
    let port: PublishedPort, container: IPAddress
  }

  private var names: [IPAddress: String] = [:]
  private let own: Set<IPAddress>
  /// The networks of bridges, where every address is a container's.
  private let networks: [Subnet]
  private var published: [Port: [Target]] = [:]
  /// Whether there may be containers that we cannot see.
  private let isBlind: Bool

  /// Reads what a host's view tells.
  public init(_ host: HostView) {
    let home = host.host
    own = Set(home.addresses.map(\.address.address))
    for place in host.members.sorted() {
      let namespace = host.namespaces[place]
      for address in namespace.addresses where !address.address.address.isLoopback && !address.address.address.isLinkLocal {
        if place > 0, names[address.address.address] != nil { continue }
        names[address.address.address] = place == 0 ? "host" : namespace.title
      }
    }
    networks = home.links.filter { $0.kind == "bridge" }.flatMap { home.addresses(of: $0) }.map(\.address.network)
    let targets = host.publishedPorts.map { Target(port: $0.port, container: $0.container) }
    for target in targets + host.foreignPorts.map({ Target(port: $0.port, container: $0.container) }) {
      for number in target.port.hostPorts {
        published[Port(family: target.container.family, transport: target.port.transport, number: number), default: []].append(target)
      }
    }
    isBlind = host.isBlind
  }

  /// The connections of the calling thread's namespace, those of `addresses` alone if any are given.
  public func connections(of addresses: [IPAddress] = []) throws -> [TrackedConnection] {
    var table = try ConnectionTable()
    var found: [Connection] = []
    if addresses.isEmpty {
      for family in IPAddress.Family.allCases { found += try table.connections(matching: ConnectionFilter(family)) }
    } else {
      var seen: Set<UInt32> = []
      for filter in addresses.flatMap({ ConnectionFilter.of($0) }) {
        found += try table.connections(matching: filter).filter { seen.insert($0.identifier).inserted }
      }
    }
    return found.map { tracked($0) }.sorted { key($0) < key($1) }
  }

  /// A connection with what is known of it.
  public func tracked(_ connection: Connection) -> TrackedConnection {
    TrackedConnection(
      connection: connection, client: names[connection.original.source], server: names[connection.reply.source],
      staleness: staleness(connection))
  }

  private func staleness(_ connection: Connection) -> String? {
    let (original, reply) = (connection.original, connection.reply)
    if isGone(reply.source) { return "\(reply.source) is no container's any more" }
    if isGone(original.source) { return "\(original.source) is no container's any more" }
    if connection.status.contains(.sourceTranslated), !own.contains(reply.destination), !isGone(reply.destination),
      names[reply.destination] == nil, !reply.destination.isLoopback
    {
      return "this host has the address \(reply.destination) no more"
    }
    guard own.contains(original.destination) || original.destination.isLoopback, let transport = original.transport else { return nil }
    let holders = (published[Port(family: original.family, transport: transport, number: original.destinationPort)] ?? []).filter { held in
      guard let address = held.port.hostAddress, !address.isUnspecified else { return true }
      return address == original.destination
    }
    guard !holders.isEmpty else { return nil }
    if holders.contains(where: { $0.container == reply.source && target($0, original.destinationPort) == reply.sourcePort }) { return nil }
    let now = holders.map { "\(names[$0.container] ?? "\($0.container)") port \(target($0, original.destinationPort))" }
    let reached = reply.source == original.destination ? "the host itself" : names[reply.source] ?? "\(reply.source)"
    // TCP connections end by themselves; they may well outlive a change.
    let ends = transport == .tcp ? "began before that" : "goes on until it is flushed"
    return "port \(original.destinationPort) leads to \(now[0]) now, this one to \(reached) \(ends)"
  }

  /// Whether an address belongs to a network of containers, and none has it.
  private func isGone(_ address: IPAddress) -> Bool {
    if isBlind || names[address] != nil || own.contains(address) || address.isMulticast { return false }
    return networks.contains { $0.contains(address) && address != $0.lastAddress && address != $0.networkAddress }
  }

  private func target(_ held: Target, _ port: UInt16) -> UInt16 { held.port.containerPort + (port - held.port.hostPorts.lowerBound) }

  private func key(_ tracked: TrackedConnection) -> (Int, String) {
    let original = tracked.connection.original
    return (tracked.staleness == nil ? 1 : 0, "\(tracked.client ?? "~") \(original)")
  }
}
