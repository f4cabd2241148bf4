import CLinux
import Netlink

/// What the kernel tells of a tracked connection at once: the groups NFNLGRP_CONNTRACK_*.
///
/// Connections from before anybody listened may have no events: the kernel prepares for them when a connection begins
/// (`net.netfilter.nf_conntrack_events` 2, where it is the default).
public struct ConnectionEvent: Hashable, Sendable {
  /// What became of it.
  public enum Change: String, Hashable, Sendable {
    /// Its first packet has left the host, or reached a socket.
    case new
    /// Its state has changed.
    case updated
    /// It is forgotten.
    case destroyed
  }

  /// What became of it.
  public let change: Change
  /// The entry as it is now, or, destroyed, as it was.
  public let connection: Connection
  /// How far a TCP connection is; nil for others, and where the kernel does not say.
  public let tcpState: TCPState?

  /// The numbers of the groups, for opening a socket of the family netfilter.
  public static var groups: [UInt32] {
    [NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY].map { UInt32($0.rawValue) }
  }

  /// Reads a message of those groups; nil for another one.
  public init?(type: UInt16, flags: UInt16, payload: RawSpan) {
    guard type >> 8 == UInt16(NFNL_SUBSYS_CTNETLINK), let connection = Connection(payload) else { return nil }
    switch UInt32(type & 0xFF) {
    // Both are IPCTNL_MSG_CT_NEW: only a new one's message has the flags of a request that creates.
    case IPCTNL_MSG_CT_NEW.rawValue: change = flags & UInt16(NLM_F_CREATE) != 0 ? .new : .updated
    case IPCTNL_MSG_CT_DELETE.rawValue: change = .destroyed
    default: return nil
    }
    self.connection = connection
    var state: TCPState?
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      guard type == Int(CTA_PROTOINFO.rawValue) else { return }
      content.forEachAttribute { type, content in
        guard type == Int(CTA_PROTOINFO_TCP.rawValue) else { return }
        content.forEachAttribute { type, content in
          if type == Int(CTA_PROTOINFO_TCP_STATE.rawValue) { state = content.load(UInt8.self).flatMap { TCPState(rawValue: $0) } }
        }
      }
    }
    tcpState = state
  }
}
