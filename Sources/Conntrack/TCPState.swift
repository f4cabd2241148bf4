/// How far a TCP connection is, as connection tracking sees it: TCP_CONNTRACK_* of `linux/netfilter/nf_conntrack_tcp.h`.
public enum TCPState: UInt8, Hashable, Sendable {
  /// Nothing known yet.
  case none = 0
  /// A SYN was seen.
  case synSent = 1
  /// It was answered with SYN and ACK.
  case synReceived = 2
  /// Both have agreed.
  case established = 3
  /// One side has said that it ends.
  case finWait = 4
  /// The other side has acknowledged that.
  case closeWait = 5
  /// Both have said that they end.
  case lastACK = 6
  /// Over; late packets may come.
  case timeWait = 7
  /// Over by a reset.
  case close = 8
  /// Both have sent a SYN.
  case synSentByBoth = 9
}

extension TCPState: CustomStringConvertible {
  /// As conntrack(8) writes it, in lower case and with blanks: `established`.
  public var description: String {
    switch self {
    case .none: "none"
    case .synSent: "syn sent"
    case .synReceived: "syn received"
    case .established: "established"
    case .finWait: "fin wait"
    case .closeWait: "close wait"
    case .lastACK: "last ack"
    case .timeWait: "time wait"
    case .close: "closed"
    case .synSentByBoth: "syn sent by both"
    }
  }
}
