public import Addresses
public import NFTables

/// A packet on its way through the rules of a network namespace.
public struct Packet: Hashable, Sendable {
  /// An interface that it passes.
  public struct Interface: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its number.
    public var index: Int32

    /// Describes an interface.
    public init(name: String, index: Int32) {
      self.name = name
      self.index = index
    }
  }

  /// Where it comes in; nil for what the host itself sends.
  public var input: Interface?
  /// Where it leaves; nil for what is for the host itself.
  public var output: Interface?
  /// Its source address.
  public var source: IPAddress
  /// Its destination address.
  public var destination: IPAddress
  /// IPPROTO_TCP…
  public var protocolNumber: UInt8
  /// Its source port.
  public var sourcePort: UInt16
  /// Its destination port.
  public var destinationPort: UInt16
  /// What connection tracking says of it.
  public var state: ConnectionState = .new
  /// IPS_ bits: what has been translated.
  public var status: UInt32 = 0
  /// Its mark.
  public var mark: UInt32 = 0
  /// Its connection's mark.
  public var connectionMark: UInt32 = 0
  /// The namespace's own addresses.
  public var localAddresses: Set<IPAddress> = []
  /// The namespace's broadcast addresses.
  public var broadcastAddresses: Set<IPAddress> = []

  /// The first packet of a connection.
  public init(
    _ transport: TransportProtocol, from source: IPAddress, _ sourcePort: UInt16 = 40_000, to destination: IPAddress,
    _ destinationPort: UInt16,
    input: Interface? = nil, output: Interface? = nil
  ) {
    self.source = source
    self.destination = destination
    self.protocolNumber = transport.number
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.input = input
    self.output = output
  }

  /// IPv4 or IPv6.
  public var family: IPAddress.Family { destination.family }

  /// The answer to it, before translation is undone.
  public var answer: Packet {
    var answer = self
    (answer.source, answer.destination) = (destination, source)
    (answer.sourcePort, answer.destinationPort) = (destinationPort, sourcePort)
    (answer.input, answer.output) = (output, input)
    answer.state = .established
    return answer
  }

  /// RTN_: 1 unicast, 2 local, 3 broadcast, 5 multicast.
  func addressType(_ address: IPAddress) -> UInt32 {
    if address.isLoopback || localAddresses.contains(address) { return 2 }
    if broadcastAddresses.contains(address) { return 3 }
    return address.isMulticast ? 5 : 1
  }

  /// The bytes of a header; nil where a byte's value is not known.
  func header(_ base: UInt32) -> [UInt8?] {
    switch base {
    case 0:
      let type: [UInt8?] = family == .v4 ? [0x08, 0x00] : [0x86, 0xDD]
      return [UInt8?](repeating: nil, count: 12) + type
    case 1: return network
    default:
      let ports = [sourcePort, destinationPort].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] as [UInt8?] }
      guard protocolNumber == 6 else { return ports + [UInt8?](repeating: nil, count: 16) }
      let flags: UInt8? = state.contains(.new) ? 0x02 : nil
      return ports + [UInt8?](repeating: nil, count: 9) + [flags] + [UInt8?](repeating: nil, count: 6)
    }
  }

  private var network: [UInt8?] {
    let addresses = (source.bytes + destination.bytes) as [UInt8?]
    if family == .v6 { return [0x60, 0, 0, 0, nil, nil, protocolNumber, 64] + addresses }
    return [0x45, 0, nil, nil, nil, nil, 0, 0, 64, protocolNumber, nil, nil] + addresses
  }
}
