public import Addresses

/// One direction of a connection as conntrack keeps it: what the packets of that direction carry (`struct nf_conntrack_tuple`).
public struct ConnectionTuple: Hashable, Sendable {
  /// The packets' source address.
  public let source: IPAddress
  /// The packets' destination address, of the same family.
  public let destination: IPAddress
  /// The number of the protocol above IP: 6 for TCP.
  public let protocolNumber: UInt8
  /// The packets' source port; 0 for a protocol without ports.
  public let sourcePort: UInt16
  /// The packets' destination port; 0 for a protocol without ports.
  public let destinationPort: UInt16

  /// Joins the fields of one direction.
  public init(
    from source: IPAddress, _ sourcePort: UInt16 = 0, to destination: IPAddress, _ destinationPort: UInt16 = 0, protocolNumber: UInt8
  ) {
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
  }

  /// IPv4 or IPv6.
  public var family: IPAddress.Family { source.family }
  /// The protocol, if it is one that carries ports.
  public var transport: TransportProtocol? { TransportProtocol(number: protocolNumber) }
}

extension ConnectionTuple: CustomStringConvertible {
  /// `tcp 10.0.0.1:40000 → 10.0.0.2:80`, `[fd00::1]:40000` for IPv6.
  public var description: String {
    let name = transport.map(\.description) ?? "protocol \(protocolNumber)"
    return "\(name) \(end(source, sourcePort)) → \(end(destination, destinationPort))"
  }

  private func end(_ address: IPAddress, _ port: UInt16) -> String {
    guard transport != nil else { return address.description }
    return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
