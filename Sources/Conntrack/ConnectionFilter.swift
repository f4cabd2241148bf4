public import Addresses

/// Which connections are meant: those in which everything that is not nil agrees.
public struct ConnectionFilter: Hashable, Sendable {
  /// What one direction's packets must carry.
  public struct Direction: Hashable, Sendable {
    /// The source address.
    public var source: IPAddress?
    /// The destination address.
    public var destination: IPAddress?
    /// The source port.
    public var sourcePort: UInt16?
    /// The destination port.
    public var destinationPort: UInt16?

    /// Asks for the given fields; for none if none is given.
    public init(source: IPAddress? = nil, destination: IPAddress? = nil, sourcePort: UInt16? = nil, destinationPort: UInt16? = nil) {
      self.source = source
      self.destination = destination
      self.sourcePort = sourcePort
      self.destinationPort = destinationPort
    }

    func matches(_ tuple: ConnectionTuple) -> Bool {
      (source ?? tuple.source) == tuple.source && (destination ?? tuple.destination) == tuple.destination
        && (sourcePort ?? tuple.sourcePort) == tuple.sourcePort && (destinationPort ?? tuple.destinationPort) == tuple.destinationPort
    }

    var hasPorts: Bool { sourcePort != nil || destinationPort != nil }
    var hasAddress: Bool { source != nil || destination != nil }
    var isEmpty: Bool { self == Direction() }
  }

  /// IPv4 or IPv6.
  public let family: IPAddress.Family
  /// The protocol; nil for any, also for those without ports. Asking for a port without naming the protocol asks for all that have ports.
  public var transport: TransportProtocol?
  /// What the packets of whoever opened the connection must carry, before any translation.
  public var original: Direction
  /// What the packets that answer must carry, as they arrive.
  public var reply: Direction
  /// What must have happened to the connection.
  public var having: Connection.Status = []
  /// What must not have happened to it; nothing of `having`.
  public var lacking: Connection.Status = []

  /// Joins what is asked for. An address of the other family is never met.
  public init(
    _ family: IPAddress.Family, _ transport: TransportProtocol? = nil, original: Direction = Direction(), reply: Direction = Direction()
  ) {
    self.family = family
    self.transport = transport
    self.original = original
    self.reply = reply
  }

  /// Connections opened to a port, at any address of the family or at one; with `server`, only those that it answers, so translated to it or not.
  public static func to(
    port: UInt16, _ transport: TransportProtocol, _ family: IPAddress.Family, at address: IPAddress? = nil,
    answeredBy server: IPAddress? = nil
  ) -> ConnectionFilter {
    ConnectionFilter(
      family, transport, original: Direction(destination: address, destinationPort: port), reply: Direction(source: server))
  }

  /// Connections of a host in both directions: those it opened, and those it answers, whatever the address they were opened to.
  public static func of(_ host: IPAddress, _ transport: TransportProtocol? = nil) -> [ConnectionFilter] {
    [
      ConnectionFilter(host.family, transport, original: Direction(source: host)),
      ConnectionFilter(host.family, transport, reply: Direction(source: host)),
    ]
  }

  /// Whether a connection is one of those meant.
  public func matches(_ connection: Connection) -> Bool {
    guard connection.original.family == family, transport == nil || connection.original.transport == transport else { return false }
    if original.hasPorts || reply.hasPorts, connection.original.transport == nil { return false }
    return original.matches(connection.original) && reply.matches(connection.reply) && connection.status.isSuperset(of: having)
      && connection.status.isDisjoint(with: lacking)
  }

  /// Whether it asks for nothing but the family.
  var isEmpty: Bool { transport == nil && original.isEmpty && reply.isEmpty && having.isEmpty && lacking.isEmpty }
}

extension ConnectionFilter: CustomStringConvertible {
  /// For errors: `udp connections to port 53, answered by 10.0.0.2`.
  public var description: String {
    var text = "\(transport.map { "\($0) " } ?? "")\(family == .v4 ? "IPv4" : "IPv6") connections"
    if let source = original.source { text += " from \(source)" }
    if let port = original.sourcePort { text += " from port \(port)" }
    if let destination = original.destination { text += " to \(destination)" }
    if let port = original.destinationPort { text += " to port \(port)" }
    if let server = reply.source { text += " answered by \(server)" }
    if let port = reply.sourcePort { text += " from its port \(port)" }
    if let client = reply.destination { text += " answered to \(client)" }
    if let port = reply.destinationPort { text += " answered to port \(port)" }
    if !having.isEmpty || !lacking.isEmpty { text += " with status \(having.rawValue) of \(having.union(lacking).rawValue)" }
    return text
  }
}
