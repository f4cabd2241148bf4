/// Where in a packet's way the kernel calls a base chain. The numbers are NF_INET_*, which the bridge family shares; `linux/netfilter.h`.
public enum Hook: UInt32, Hashable, Sendable {
  /// Everything that arrives, before routing (in family netdev, where the number is that of ingress: as it comes from the driver).
  case prerouting = 0
  /// What is for this host.
  case input = 1
  /// What is for somebody else.
  case forward = 2
  /// What this host's processes send.
  case output = 3
  /// Everything that leaves, after routing.
  case postrouting = 4
}

extension Hook: CustomStringConvertible {
  /// As nft(8) writes it: `prerouting`.
  public var description: String {
    switch self {
    case .prerouting: "prerouting"
    case .input: "input"
    case .forward: "forward"
    case .output: "output"
    case .postrouting: "postrouting"
    }
  }
}
