/// States of a connection, as bits of `ct state`; NF_CT_STATE_BIT in `linux/netfilter/nf_conntrack_common.h`.
public struct ConnectionState: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public let rawValue: UInt32

  /// Makes states of the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Belongs to no connection.
  public static let invalid = ConnectionState(rawValue: 1)
  /// Answered before.
  public static let established = ConnectionState(rawValue: 2)
  /// Opened by another connection, such as an ICMP error.
  public static let related = ConnectionState(rawValue: 4)
  /// The first packet.
  public static let new = ConnectionState(rawValue: 8)
}
