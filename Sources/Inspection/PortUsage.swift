internal import Addresses
public import HostRules
public import JSON
internal import Linux
public import Rulesets
public import Sockets

/// A port of the host that is published or that a process listens on.
public struct PortUsage: Sendable {
  /// Who can reach it.
  public enum Exposure: String, Sendable {
    case everyone
    /// Whoever reaches the one address.
    case address = "one address"
    /// This host alone.
    case localhost
  }

  /// How it is held.
  public enum Kind: Sendable {
    /// Our table leads it to a container.
    case published(HeldPort)
    /// A rule of somebody else leads it to a container.
    case foreign(ForeignPort)
    /// Processes listen on it.
    case listening(Listener, [SocketOwner])
  }

  /// How it is held.
  public let kind: Kind
  /// Who else has it; nil if nobody.
  public private(set) var conflict: String?

  /// All of them in the network namespace of the calling thread. What the kernel does not let read becomes a problem, a sentence each.
  public static func all(problems: inout [String]) throws -> [PortUsage] {
    var diagnostics = try SocketDiagnostics()
    var listeners: [Listener] = []
    for transport in TransportProtocol.allCases { listeners += try diagnostics.listeners(transport) }
    let owners = try SocketOwner.bySocket(Set(listeners.map(\.inode)))
    var published: [PortUsage] = []
    do {
      var rules = try HostRules()
      published = try rules.publishedPorts().map { PortUsage(kind: .published($0)) }
      published += try RulesetView().foreignPorts().map { PortUsage(kind: .foreign($0)) }
    } catch { problems.append("published ports: \(error)") }
    var listening = listeners.map { PortUsage(kind: .listening($0, owners[$0.inode] ?? [])) }
    for (position, other) in published.enumerated() {
      guard case .foreign = other.kind else { continue }
      for earlier in published[..<position].indices where published[earlier].competes(with: other) {
        published[earlier].conflict = other.holder
        published[position].conflict = published[earlier].holder
      }
    }
    for position in listening.indices {
      guard case .listening(let listener, let owners) = listening[position].kind else { continue }
      // These only keep the port for their container.
      if !owners.isEmpty, owners.allSatisfy({ keepers.contains($0.command) }) { continue }
      for other in published.indices where published[other].collides(with: listener) {
        listening[position].conflict = published[other].holder
        published[other].conflict = listening[position].holder
      }
    }
    return published + listening
  }

  /// Protocol, address and port.
  public var title: String {
    switch kind {
    case .published(let held): held.port.description
    case .foreign(let foreign): foreign.port.description
    case .listening(let listener, _): listener.description
    }
  }

  /// Who can reach it.
  public var exposure: Exposure {
    guard let address, !address.isUnspecified else { return .everyone }
    return address.isLoopback ? .localhost : .address
  }

  /// The attachment that published it, or the process that listens.
  public var holder: String {
    switch kind {
    case .published(let held): held.owner?.label ?? "nobody (an element without an owner)"
    case .foreign(let foreign): "\(foreign.maker.map { "\($0): " } ?? "")\(foreign.table) \(foreign.chain)"
    case .listening(_, let owners): owners.isEmpty ? "a process that cannot be seen" : owners.map(\.description).joined(separator: ", ")
    }
  }

  /// Where a published port leads.
  public var target: String {
    guard let publication else { return "" }
    let (port, container) = publication
    let first = port.containerPort, last = Int(first) + port.hostPorts.count - 1
    let ports = last == Int(first) ? "\(first)" : "\(first)-\(last)"
    return container.family == .v4 ? "\(container):\(ports)" : "[\(container)]:\(ports)"
  }

  /// How many connections a published port has had.
  public var connections: UInt64? {
    switch kind {
    case .published(let held): held.connections
    case .foreign(let foreign): foreign.connections
    case .listening: nil
    }
  }

  /// The fields of `netctl ports --json`.
  public var json: JSONValue {
    var object = JSONObject([
      ("port", .string(title)), ("exposure", .string(exposure.rawValue)), ("holder", .string(holder)),
      ("conflict", conflict.map { .string($0) } ?? .null),
    ])
    switch kind {
    case .published(let held):
      object["kind"] = "published"
      object["leads_to"] = .string(target)
      object["connections"] = held.connections.map { .integer(Int64(clamping: $0)) } ?? .null
    case .foreign(let foreign):
      object["kind"] = "foreign"
      object["leads_to"] = .string(target)
      object["connections"] = foreign.connections.map { .integer(Int64(clamping: $0)) } ?? .null
    case .listening(_, let owners):
      object["kind"] = "listening"
      object["processes"] = .array(owners.map { ["pid": .integer(Int64($0.process)), "command": .string($0.command)] })
    }
    return .object(object)
  }

  private var address: IPAddress? {
    switch kind {
    case .published(let held): held.port.hostAddress
    case .foreign(let foreign): foreign.port.hostAddress
    case .listening(let listener, _): listener.address
    }
  }

  /// Whether packets for a listener go to the container instead.
  private func collides(with listener: Listener) -> Bool {
    guard let (port, container) = publication, port.transport == listener.transport, port.hostPorts.contains(listener.port)
    else { return false }
    return listener.overlaps(port.hostAddress ?? IPAddress(container.family, 0))
  }

  /// Whether two publications lead packets of one kind to different places, one of ours and one of somebody else.
  private func competes(with other: PortUsage) -> Bool {
    guard case .published = kind, let (mine, here) = publication, let (port, there) = other.publication,
      here.family == there.family, here != there, mine.transport == port.transport, mine.hostPorts.overlaps(port.hostPorts)
    else { return false }
    let isAny = { (address: IPAddress?) in address?.isUnspecified ?? true }
    return isAny(mine.hostAddress) || isAny(port.hostAddress) || mine.hostAddress == port.hostAddress
  }

  private var publication: (port: PublishedPort, container: IPAddress)? {
    switch kind {
    case .published(let held): (held.port, held.container)
    case .foreign(let foreign): (foreign.port, foreign.container)
    case .listening: nil
    }
  }

  /// Programs that listen on a published port so that nobody else takes it, while rules lead its packets elsewhere.
  private static let keepers: Set<String> = ["conmon", "docker-proxy"]
}

extension PortUsage: Comparable {
  /// By port number, then by what is written.
  public static func < (left: PortUsage, right: PortUsage) -> Bool { (left.number, left.title) < (right.number, right.title) }

  /// The same port, held in the same way.
  public static func == (left: PortUsage, right: PortUsage) -> Bool { left.title == right.title && left.holder == right.holder }

  private var number: UInt16 {
    switch kind {
    case .published(let held): held.port.hostPorts.lowerBound
    case .foreign(let foreign): foreign.port.hostPorts.lowerBound
    case .listening(let listener, _): listener.port
    }
  }
}
