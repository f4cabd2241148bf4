/// One instruction of a rule, as the kernel carries it out: it reads and writes registers, and a comparison that fails ends the rule.
///
/// `Statement` is the comfortable way to write rules; this is what it turns into, and what the kernel's rules are read as.
public enum Expression: Hashable, Sendable {
  /// Which header of the packet an offset counts from.
  public enum Header: UInt32, Hashable, Sendable {
    /// Ethernet
    case link = 0
    /// IPv4 or IPv6
    case network = 1
    /// TCP, UDP…
    case transport = 2
  }

  /// How a register is compared with a value; the numbers are NFT_CMP_*.
  public enum Comparison: UInt32, Hashable, Sendable {
    /// ==
    case equal = 0
    /// !=
    case notEqual = 1
    /// <, as bytes
    case less = 2
    /// <=, as bytes
    case atMost = 3
    /// >, as bytes
    case greater = 4
    /// >=, as bytes
    case atLeast = 5
  }

  /// What is known about a packet beside its content; the numbers are NFT_META_*.
  public enum Meta: UInt32, Hashable, Sendable {
    /// The packet's mark, 32 bits in host byte order.
    case mark = 3
    /// The name of the link it came in by.
    case inputInterfaceName = 6
    /// The name of the link it leaves by.
    case outputInterfaceName = 7
    /// NFPROTO_IPV4 or NFPROTO_IPV6.
    case networkProtocol = 15
    /// IPPROTO_TCP…
    case transportProtocol = 16
  }

  /// What connection tracking knows; the numbers are NFT_CT_*.
  public enum Conntrack: UInt32, Hashable, Sendable {
    /// New, established…: a bit of `ConnectionState`.
    case state = 0
    /// IPS_DST_NAT…: bits.
    case status = 2
    /// The connection's mark.
    case mark = 3
  }

  /// What the routing tables say, NFT_FIB_RESULT_*.
  public enum Routing: Hashable, Sendable {
    /// RTN_LOCAL…, 32 bits in host byte order, for the destination address.
    case destinationType
    /// The same for the source address.
    case sourceType
  }

  /// How a packet is refused.
  public enum Rejection: Hashable, Sendable {
    /// With a TCP reset.
    case tcpReset
    /// With ICMP or ICMPv6 "administratively prohibited".
    case prohibited
    /// With ICMP or ICMPv6 "port unreachable".
    case portUnreachable
  }

  /// Reads bytes of the packet.
  case payload(Header, offset: UInt32, length: UInt32, into: Register)
  /// Reads what is known about the packet.
  case meta(Meta, into: Register)
  /// Changes the packet's mark.
  case setMark(from: Register)
  /// Has the kernel tell of every rule that the packet meets from here on (NFT_META_NFTRACE), or no longer.
  case setTrace(from: Register)
  /// Reads what is known about the connection.
  case conntrack(Conntrack, into: Register)
  /// Asks the routing tables.
  case routing(Routing, into: Register)
  /// Writes a constant.
  case immediate([UInt8], into: Register)
  /// Ends the rule unless the comparison holds.
  case compare(Register, Comparison, [UInt8])
  /// Ends the rule unless the register lies between the two values, both included (or, negated, if it does).
  case range(Register, [UInt8], [UInt8], negated: Bool)
  /// `target = (source & mask) ^ xor`
  case bitwise(Register, mask: [UInt8], xor: [UInt8], into: Register)
  /// Ends the rule unless the key is in the set (or, negated, if it is).
  case lookup(Register, set: String, negated: Bool)
  /// Ends the rule unless the key is in the map; else reads what it leads to.
  case map(Register, map: String, into: Register)
  /// Does what a verdict map says for the key; the next rule if it says nothing.
  case verdictMap(Register, map: String)
  /// Counts.
  case counter(Counter)
  /// Ends the rule while the rate is exceeded (or, with `over`, unless it is); `unit` in seconds.
  case limit(rate: UInt64, unit: UInt64, burst: UInt32, over: Bool)
  /// Writes to the kernel's log, or to the netlink group if one is given.
  case log(prefix: String, group: UInt16?)
  /// Replaces the source address by that of the link the packet leaves by, for the whole connection.
  case masquerade
  /// Replaces the destination (or source) address and port for the whole connection.
  case translate(destination: Bool, ipv6: Bool, address: Register, port: Register?)
  /// Refuses the packet with an answer.
  case reject(Rejection)
  /// What happens next.
  case verdict(Verdict)
  /// An expression that this library does not read, by its name.
  case other(String)
}
