public import Addresses
import CLinux
public import Linux
public import Netlink

/// A pair of virtual Ethernet interfaces to be created, veth(4): one end here, its peer in another network namespace.
public struct VethPair {
  /// The name of this end.
  public var name: String
  /// The address of this end; nil lets the kernel choose a random one.
  public var macAddress: MACAddress?
  /// The bridge that this end becomes a port of.
  public var masterIndex: Int32?
  /// The number of the group that this end belongs to.
  public var group: UInt32?
  /// The name of the peer.
  public var peerName: String
  /// The address of the peer; nil lets the kernel choose a random one.
  public var peerMACAddress: MACAddress?
  /// The largest packet of both ends in bytes; nil means 1500.
  public var mtu: UInt32?

  /// Describes a pair by the names of its ends.
  public init(name: String, peerName: String) {
    self.name = name
    self.peerName = peerName
  }
}

extension NetlinkMessage {
  /// Creates a pair complete, in one request: this end up, the peer in its namespace with its final name. The peer stays down.
  ///
  /// One queue an end: more queues cost an expedited RCU grace period at creation, and nothing in a bridge uses them.
  public static func create(_ pair: VethPair, peerNamespace: borrowing NetworkNamespace) -> NetlinkMessage {
    create(pair, peerNamespaceDescriptor: peerNamespace.file.descriptor)
  }

  /// Creates a pair with both ends in the socket's namespace.
  public static func create(_ pair: VethPair) -> NetlinkMessage { create(pair, peerNamespaceDescriptor: nil) }

  private static func create(_ pair: VethPair, peerNamespaceDescriptor: Int32?) -> NetlinkMessage {
    var message = NetlinkMessage(
      RTM_NEWLINK, [.create, .exclusive, .echo], operation: "create veth pair \(pair.name) and \(pair.peerName)")
    message.append(ifinfomsg(set: .up, change: .up))
    message.describeEnd(pair.name, pair.macAddress, pair.mtu)
    if let master = pair.masterIndex { message.attribute(IFLA_MASTER, master) }
    if let group = pair.group { message.attribute(IFLA_GROUP, group) }
    message.nest(IFLA_LINKINFO) {
      $0.attribute(IFLA_INFO_KIND, "veth")
      $0.nest(IFLA_INFO_DATA) {
        $0.nest(VETH_INFO_PEER) {
          $0.append(ifinfomsg())
          $0.describeEnd(pair.peerName, pair.peerMACAddress, pair.mtu)
          if let peerNamespaceDescriptor { $0.attribute(IFLA_NET_NS_FD, peerNamespaceDescriptor) }
        }
      }
    }
    return message
  }

  private mutating func describeEnd(_ name: String, _ address: MACAddress?, _ mtu: UInt32?) {
    attribute(IFLA_IFNAME, name)
    if let mtu { attribute(IFLA_MTU, mtu) }
    if let address { attribute(IFLA_ADDRESS, bytes: address.bytes) }
    attribute(IFLA_NUM_TX_QUEUES, UInt32(1))
    attribute(IFLA_NUM_RX_QUEUES, UInt32(1))
  }
}
