public import Addresses
internal import HostRules

/// Published ports as a person names them: by the host's ports, and the address if that matters.
public struct PortSelection: Hashable, CustomStringConvertible {
  /// TCP, UDP or SCTP.
  public let transport: TransportProtocol
  /// The address at which they are published; nil for whichever.
  public let hostAddress: IPAddress?
  /// The host's ports.
  public let hostPorts: ClosedRange<UInt16>
  /// The container's port to which the first one is to lead; nil for the same as before.
  public let containerPort: UInt16?

  /// Names ports.
  public init(
    _ transport: TransportProtocol, at hostAddress: IPAddress? = nil, _ hostPorts: ClosedRange<UInt16>, containerPort: UInt16? = nil
  ) {
    self.transport = transport
    self.hostAddress = hostAddress
    self.hostPorts = hostPorts
    self.containerPort = containerPort
  }

  /// Whether some of the published ports are meant.
  func matches(_ port: PublishedPort) -> Bool {
    port.transport == transport && port.hostPorts.overlaps(hostPorts) && (hostAddress == nil || hostAddress == port.hostAddress)
  }

  /// `tcp 8080`, `udp 127.0.0.1:53`
  public var description: String {
    let numbers = hostPorts.count == 1 ? "\(hostPorts.lowerBound)" : "\(hostPorts.lowerBound)-\(hostPorts.upperBound)"
    guard let hostAddress else { return "\(transport) \(numbers)" }
    return "\(transport) \(hostAddress.family == .v4 ? "\(hostAddress)" : "[\(hostAddress)]"):\(numbers)"
  }
}
