/// A match of x_tables (iptables-extensions(8)) with its content.
public enum PacketMatch: Hashable, Sendable {
  /// `-m conntrack --ctstate`, `-m state --state`: bits as nf_tables counts them, see `ConnectionState`; 64 stands for untracked.
  case states(UInt32, negated: Bool)
  /// `-m conntrack --ctstate DNAT` and SNAT, `--ctstatus`: bits of IPS_.
  case status(UInt32, negated: Bool)
  /// `-m addrtype`: bits by RTN_ numbers, nil where it is not asked.
  case addressType(source: UInt16?, destination: UInt16?, sourceNegated: Bool, destinationNegated: Bool)
  /// `-m tcp`, `-m udp`, `-m multiport`: nil where it is not asked.
  case ports(Ports, negated: Bool)
  /// `-m tcp --tcp-flags MASK COMPARED`
  case flags(mask: UInt8, compared: UInt8, negated: Bool)
  /// `-m mark`
  case mark(UInt32, mask: UInt32, negated: Bool)
  /// `-m connmark`
  case connectionMark(UInt32, mask: UInt32, negated: Bool)
  /// `-m physdev`: the bridge's ports, where a frame passes a bridge.
  case bridgePorts(input: String?, output: String?)
  /// `-m icmp`, `-m icmp6`: only ICMP can match.
  case icmp

  /// Which ports.
  public enum Ports: Hashable, Sendable {
    case source([ClosedRange<UInt16>])
    case destination([ClosedRange<UInt16>])
    case either([ClosedRange<UInt16>])
  }
}
