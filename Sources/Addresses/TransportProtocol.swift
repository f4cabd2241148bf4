/// A transport protocol whose packets carry port numbers.
public enum TransportProtocol: UInt8, Hashable, Sendable, CaseIterable {
  /// TCP, RFC 9293.
  case tcp = 6
  /// UDP, RFC 768.
  case udp = 17
  /// SCTP, RFC 9260.
  case sctp = 132

  /// The protocol with the given name in lower case: `tcp`, `udp`, `sctp`; nil for any other text.
  public init?(name: String) {
    guard let match = TransportProtocol.allCases.first(where: { $0.description == name }) else { return nil }
    self = match
  }
}

extension TransportProtocol: CustomStringConvertible {
  /// The name in lower case: `tcp`.
  public var description: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .sctp: "sctp"
    }
  }
}
