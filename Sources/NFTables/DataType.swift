/// The type of a field in a set's key or a map's value: how nft(8) reads and prints it, and its length.
///
/// The kernel only keeps the number; the numbers are those of nft's `datatype.h`, which are part of its interface since rulesets name them.
public enum DataType: UInt32, Hashable, Sendable {
  /// `nf_proto`: the IP version as NFPROTO_IPV4 or NFPROTO_IPV6, one byte.
  case networkProtocol = 2
  /// `ipv4_addr`
  case ipv4Address = 7
  /// `ipv6_addr`
  case ipv6Address = 8
  /// `ether_addr`
  case etherAddress = 9
  /// `inet_proto`: tcp, udp, sctp… as IPPROTO_*, one byte.
  case transportProtocol = 12
  /// `inet_service`: a port.
  case port = 13
  /// `mark`: 32 bits in host byte order.
  case mark = 19
  /// `ifname`: a name padded with zero bytes to 16.
  case interfaceName = 41

  /// The length of a value in bytes, without padding.
  public var byteCount: Int {
    switch self {
    case .networkProtocol, .transportProtocol: 1
    case .port: 2
    case .ipv4Address, .mark: 4
    case .etherAddress: 6
    case .ipv6Address, .interfaceName: 16
    }
  }

  /// Whether the kernel keeps the number with the machine's own byte order.
  var isHostOrder: Bool { self == .mark || self == .interfaceName }
}

extension DataType: CustomStringConvertible {
  /// The name in nft(8): `ipv4_addr`.
  public var description: String {
    switch self {
    case .networkProtocol: "nf_proto"
    case .ipv4Address: "ipv4_addr"
    case .ipv6Address: "ipv6_addr"
    case .etherAddress: "ether_addr"
    case .transportProtocol: "inet_proto"
    case .port: "inet_service"
    case .mark: "mark"
    case .interfaceName: "ifname"
    }
  }
}
