import Glibc

/// A transport protocol whose packets carry port numbers.
public enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
  /// TCP, RFC 9293.
  case tcp
  /// UDP, RFC 768.
  case udp
  /// SCTP, RFC 9260.
  case sctp

  /// The number in the IP header: IPPROTO_TCP…
  public var number: UInt8 {
    switch self {
    case .tcp: UInt8(IPPROTO_TCP)
    case .udp: UInt8(IPPROTO_UDP)
    case .sctp: UInt8(IPPROTO_SCTP)
    }
  }

  /// The protocol with that number, if it is one of these.
  public init?(number: UInt8) {
    guard let found = TransportProtocol.allCases.first(where: { $0.number == number }) else { return nil }
    self = found
  }
}

extension TransportProtocol: CustomStringConvertible {
  /// The name in lower case: `tcp`.
  public var description: String { rawValue }
}
