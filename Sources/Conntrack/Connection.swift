import Addresses

/// An entry of the kernel's connection tracking table.
public struct Connection: Hashable, Sendable {
  /// What happened to a connection so far: IPS_* of `linux/netfilter/nf_conntrack_common.h`.
  public struct Status: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt32

    /// Makes a status of the kernel's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// IPS_SEEN_REPLY: packets passed in both directions.
    public static let seenReply = Status(rawValue: 1 << 1)
    /// IPS_ASSURED: not dropped early when the table is full.
    public static let assured = Status(rawValue: 1 << 2)
    /// IPS_CONFIRMED: the first packet has left the host, or reached a socket.
    public static let confirmed = Status(rawValue: 1 << 3)
    /// IPS_SRC_NAT: the source is translated.
    public static let sourceTranslated = Status(rawValue: 1 << 4)
    /// IPS_DST_NAT: the destination is translated.
    public static let destinationTranslated = Status(rawValue: 1 << 5)
  }

  /// The packets of whoever opened the connection, before any translation.
  public let original: ConnectionTuple
  /// The packets that answer, as they arrive: a translated destination is the source here.
  public let reply: ConnectionTuple
  /// What happened to the connection so far.
  public let status: Status
  /// Seconds until the entry is forgotten unless another packet passes; nil if it is kept.
  public let timeout: UInt32?
  /// The connection's mark, `ct mark`.
  public let mark: UInt32
  /// The connection tracking zone; 0 unless rules choose another.
  public let zone: UInt16
  /// The kernel's number for this very entry (CTA_ID): another connection with the same tuples has another one.
  public let identifier: UInt32
  /// The kernel's own words for the original direction (the content of CTA_TUPLE_ORIG), which name the entry also where a protocol has other
  /// things than ports.
  let name: [UInt8]
}

extension Connection: CustomStringConvertible {
  /// Both directions: `udp 10.0.0.1:40000 → 10.0.0.2:53, answered udp 10.1.0.2:53 → 10.0.0.1:40000`.
  public var description: String { "\(original), answered \(reply)" }
}
