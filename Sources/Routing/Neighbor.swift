public import Addresses
import CLinux
public import Netlink

/// An entry of a neighbour table (RTM_NEWNEIGH, `linux/neighbour.h`): who on a link has which Ethernet address, or, of a bridge or VXLAN device,
/// where frames to an Ethernet address go.
public struct Neighbor: Hashable, Sendable {
  /// NUD_: how sure the kernel is of an entry.
  public struct State: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt16
    /// Makes a state of the kernel's bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Asked, and not answered yet.
    public static let incomplete = State(rawValue: 0x01)
    /// Confirmed not long ago.
    public static let reachable = State(rawValue: 0x02)
    /// To be confirmed when it is next used.
    public static let stale = State(rawValue: 0x04)
    /// Asked and never answered.
    public static let failed = State(rawValue: 0x20)
    /// Needs no confirmation.
    public static let noARP = State(rawValue: 0x40)
    /// Somebody has written it down.
    public static let permanent = State(rawValue: 0x80)
  }

  /// The number of the link.
  public var linkIndex: Int32
  /// The neighbour's address; in a forwarding table of a VXLAN device the remote host's, else nil.
  public var address: IPAddress?
  /// The Ethernet address; nil while it is not known.
  public var macAddress: MACAddress?
  /// How sure it is.
  public var state: State
  /// NTF_: 0x02 the device's own entry, 0x04 the bridge's, 0x10 learnt by somebody outside the kernel.
  public var flags: UInt8
  /// The bridge whose forwarding table it is in (NDA_MASTER).
  public var masterIndex: Int32?
  /// The VLAN of a bridge's entry.
  public var vlan: UInt16?
  /// The VXLAN network identifier that frames go out with, where it is not the device's own.
  public var vni: UInt32?

  /// Reads the payload of an RTM_NEWNEIGH or RTM_DELNEIGH message; nil if it is none.
  public init?(payload: RawSpan) {
    guard let header = payload.load(ndmsg.self) else { return nil }
    linkIndex = header.ndm_ifindex
    state = State(rawValue: header.ndm_state)
    flags = header.ndm_flags
    payload.forEachAttribute(after: MemoryLayout<ndmsg>.size) { type, content in
      switch type {
      case NDA_DST: address = IPAddress(bytes: content.array)
      case NDA_LLADDR: macAddress = MACAddress(bytes: content.array)
      case NDA_MASTER: masterIndex = content.load()
      case NDA_VLAN: vlan = content.load()
      case NDA_VNI: vni = content.load()
      default: break
      }
    }
  }
}

extension RouteSocket {
  /// Who has which Ethernet address, on all links: the tables of ARP and of IPv6 neighbour discovery.
  public mutating func neighbors(_ family: IPAddress.Family? = nil) throws(NetlinkError) -> [Neighbor] {
    try neighbors(family: family?.kernelNumber ?? UInt8(AF_UNSPEC), "list neighbours")
  }

  /// The forwarding tables of all bridges and VXLAN devices (bridge-fdb(8)).
  public mutating func forwardingEntries() throws(NetlinkError) -> [Neighbor] {
    try neighbors(family: UInt8(AF_BRIDGE), "list forwarding entries")
  }

  private mutating func neighbors(family: UInt8, _ operation: String) throws(NetlinkError) -> [Neighbor] {
    var message = NetlinkMessage(RTM_GETNEIGH, .dump, operation: operation)
    message.append(ndmsg(ndm_family: family, ndm_pad1: 0, ndm_pad2: 0, ndm_ifindex: 0, ndm_state: 0, ndm_flags: 0, ndm_type: 0))
    return try socket.dump(message) { (_, payload) throws(NetlinkError) in Neighbor(payload: payload) }
  }
}
