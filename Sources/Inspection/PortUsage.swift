internal import Addresses
public import HostRules
public import JSON
internal import Linux
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
    /// Processes listen on it.
    case listening(Listener, [SocketOwner])
  }

  /// How it is held.
  public let kind: Kind
  /// Who else has it; nil if nobody.
  public private(set) var conflict: String?

  /// All of them in the network namespace of the calling thread.
  public static func all() throws -> [PortUsage] {
    var rules = try HostRules(), diagnostics = try SocketDiagnostics()
    var listeners: [Listener] = []
    for transport in TransportProtocol.allCases { listeners += try diagnostics.listeners(transport) }
    let owners = try SocketOwner.bySocket(Set(listeners.map(\.inode)))
    var published = try rules.publishedPorts().map { PortUsage(kind: .published($0)) }
    var listening = listeners.map { PortUsage(kind: .listening($0, owners[$0.inode] ?? [])) }
    for position in listening.indices {
      guard case .listening(let listener, _) = listening[position].kind else { continue }
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
    case .published(let held): PortUsage.title(held.port)
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
    case .listening(_, let owners): owners.isEmpty ? "a process that cannot be seen" : owners.map(\.description).joined(separator: ", ")
    }
  }

  /// Where a published port leads.
  public var target: String {
    guard case .published(let held) = kind else { return "" }
    let first = held.port.containerPort, last = Int(first) + held.port.hostPorts.count - 1
    let ports = last == Int(first) ? "\(first)" : "\(first)-\(last)"
    return held.container.family == .v4 ? "\(held.container):\(ports)" : "[\(held.container)]:\(ports)"
  }

  /// How many connections a published port has had.
  public var connections: UInt64? { if case .published(let held) = kind { held.connections } else { nil } }

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
    case .listening(_, let owners):
      object["kind"] = "listening"
      object["processes"] = .array(owners.map { ["pid": .integer(Int64($0.process)), "command": .string($0.command)] })
    }
    return .object(object)
  }

  private var address: IPAddress? {
    switch kind {
    case .published(let held): held.port.hostAddress
    case .listening(let listener, _): listener.address
    }
  }

  /// Whether packets for a listener go to the container instead.
  private func collides(with listener: Listener) -> Bool {
    guard case .published(let held) = kind, held.port.transport == listener.transport, held.port.hostPorts.contains(listener.port)
    else { return false }
    return listener.overlaps(held.port.hostAddress ?? IPAddress(held.container.family, 0))
  }

  private static func title(_ port: PublishedPort) -> String { port.description }
}

extension PortUsage: Comparable {
  /// By port number, then by what is written.
  public static func < (left: PortUsage, right: PortUsage) -> Bool { (left.number, left.title) < (right.number, right.title) }

  /// The same port, held in the same way.
  public static func == (left: PortUsage, right: PortUsage) -> Bool { left.title == right.title && left.holder == right.holder }

  private var number: UInt16 {
    switch kind {
    case .published(let held): held.port.hostPorts.lowerBound
    case .listening(let listener, _): listener.port
    }
  }
}
