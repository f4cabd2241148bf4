public import Addresses

/// Ports of the host that lead to as many ports of a container.
public struct PublishedPort: Hashable, Sendable {
  /// TCP, UDP or SCTP.
  public let transport: TransportProtocol
  /// The host's address on which the ports are published. Nil stands for all addresses of both families, 0.0.0.0 or :: for all of one.
  public let hostAddress: IPAddress?
  /// The host's ports, none of them 0.
  public let hostPorts: ClosedRange<UInt16>
  /// The container's port to which the first of the host's ports leads; the others follow in order.
  public let containerPort: UInt16
  /// The networks whose packets may use the ports; everybody's may if there is none.
  public let sources: [Subnet]

  /// Describes published ports; nil if a port is 0 or the container's ports would end above 65535.
  public init?(
    _ transport: TransportProtocol, hostAddress: IPAddress? = nil, hostPorts: ClosedRange<UInt16>, containerPort: UInt16,
    sources: [Subnet] = []
  ) {
    guard hostPorts.lowerBound > 0, containerPort > 0, Int(containerPort) + hostPorts.count - 1 <= 65535 else { return nil }
    self.sources = sources
    self.transport = transport
    self.hostAddress = hostAddress
    self.hostPorts = hostPorts
    self.containerPort = containerPort
  }

  /// The one address, if it is not all of them.
  public var singleAddress: IPAddress? { hostAddress.flatMap { $0.isUnspecified ? nil : $0 } }

  /// Whether it concerns packets of that IP version.
  func concerns(_ family: IPAddress.Family) -> Bool { hostAddress == nil || hostAddress?.family == family }

  /// Whether some packet could be for both.
  public func overlaps(_ other: PublishedPort) -> Bool {
    transport == other.transport && hostPorts.overlaps(other.hostPorts)
      && IPAddress.Family.allCases.contains { concerns($0) && other.concerns($0) }
      && (singleAddress == nil || other.singleAddress == nil || singleAddress == other.singleAddress)
  }

  /// Whether the container's port is the host's, so that one element does for all.
  var isRange: Bool { hostPorts.count > 1 && hostPorts.lowerBound == containerPort }
}

extension PublishedPort: CustomStringConvertible {
  /// `tcp 127.0.0.1:8080`, `udp 5000-5009`
  public var description: String {
    let ports = hostPorts.count == 1 ? "\(hostPorts.lowerBound)" : "\(hostPorts.lowerBound)-\(hostPorts.upperBound)"
    guard let hostAddress else { return "\(transport.rawValue) \(ports)" }
    return hostAddress.family == .v4 ? "\(transport.rawValue) \(hostAddress):\(ports)" : "\(transport.rawValue) [\(hostAddress)]:\(ports)"
  }
}
