public import Addresses
import NFTables

/// Packets to an address and from it, of one protocol.
public struct TraceFilter: Hashable, Sendable {
  /// The number of the protocol above IP: 6 for TCP.
  public let protocolNumber: UInt8
  /// Who is asked, and answers.
  public let address: IPAddress
  /// The port that is asked; nil for all packets of the protocol.
  public let port: UInt16?

  /// Describes packets.
  public init(_ protocolNumber: UInt8, _ address: IPAddress, _ port: UInt16?) {
    self.protocolNumber = protocolNumber
    self.address = address
    self.port = port
  }

  /// A rule that switches tracing on for such packets, in one direction: a hundred of them a second, so that a busy connection does not drown
  /// everything else.
  func expressions(answers: Bool) -> [Expression] {
    let register = Register(word: 4), isIPv6 = address.family == .v6
    var offset: UInt32 = isIPv6 ? 24 : 16
    if answers { offset = isIPv6 ? 8 : 12 }
    var expressions: [Expression] = [
      .meta(.networkProtocol, into: register), .compare(register, .equal, [isIPv6 ? Family.ipv6.rawValue : Family.ipv4.rawValue]),
      .payload(.network, offset: offset, length: isIPv6 ? 16 : 4, into: register), .compare(register, .equal, address.bytes),
      .meta(.transportProtocol, into: register), .compare(register, .equal, [protocolNumber]),
    ]
    if let port {
      expressions += [
        .payload(.transport, offset: answers ? 0 : 2, length: 2, into: register),
        .compare(register, .equal, [UInt8(port >> 8), UInt8(port & 0xFF)]),
      ]
    }
    return expressions + [
      .limit(rate: 100, unit: 1, burst: 100, over: false), .immediate([1], into: register), .setTrace(from: register),
    ]
  }
}
