import CLinux

/// What a table sees: the packets of one protocol family, or of both IP versions. The numbers are the kernel's NFPROTO_*, `linux/netfilter.h`.
public enum Family: UInt8, Hashable, Sendable {
  /// IPv4 and IPv6 (NFPROTO_INET).
  case inet = 1
  /// IPv4 only.
  case ipv4 = 2
  /// ARP.
  case arp = 3
  /// Frames of one network device, before and after everything else.
  case netdev = 5
  /// Frames that pass through a bridge.
  case bridge = 7
  /// IPv6 only.
  case ipv6 = 10
}

extension Family: CustomStringConvertible {
  /// As nft(8) writes it: `inet`, `ip`, `arp`, `netdev`, `bridge`, `ip6`.
  public var description: String {
    switch self {
    case .inet: "inet"
    case .ipv4: "ip"
    case .arp: "arp"
    case .netdev: "netdev"
    case .bridge: "bridge"
    case .ipv6: "ip6"
    }
  }
}
