public import Addresses

/// A network interface as the kernel describes it: RTM_NEWLINK, rtnetlink(7), `linux/if_link.h`.
public struct Link: Equatable, Sendable {
  /// The interface's number, positive and unique in its network namespace.
  public var index: Int32
  /// The interface's name, at most 15 bytes.
  public var name: String
  /// The IFF_ flags: whether it is up, promiscuous…
  public var flags: LinkFlags
  /// The Ethernet address; nil for interfaces that have none.
  public var macAddress: MACAddress?
  /// The largest packet in bytes.
  public var mtu: UInt32
  /// The kind of virtual interface: `bridge`, `veth`, `vlan`…; nil for hardware and the loopback interface.
  public var kind: String?
  /// The operational state, RFC 2863.
  public var state: OperationalState
  /// The bridge or other device that this interface is a port of.
  public var masterIndex: Int32?
  /// The interface below or opposite: a veth's peer, a VLAN's parent. In another namespace if `linkNamespaceID` is set.
  public var linkIndex: Int32?
  /// The identifier, in this namespace, of the namespace that `linkIndex` belongs to (IFLA_LINK_NETNSID).
  public var linkNamespaceID: Int32?
  /// The free text that an administrator or we gave it, at most 255 bytes (IFLA_IFALIAS).
  public var alias: String?
  /// The number of the group it belongs to (IFLA_GROUP), 0 by default.
  public var group: UInt32
  /// The length of the transmit queue in packets.
  public var transmitQueueLength: UInt32
  /// How many users want it to be promiscuous; 0 means that it is not.
  public var promiscuity: UInt32
  /// How many users want it to receive all multicast.
  public var allMulticast: UInt32
  /// What is particular to a bridge, if it is one.
  public var bridge: BridgeState?
  /// What is particular to a port of a bridge, if it is one.
  public var port: BridgePortState?
  /// The VLAN's number, if it is a VLAN interface.
  public var vlan: UInt16?
  /// What is particular to a VXLAN device, if it is one.
  public var vxlan: VXLANState?
  /// Whom it may talk to, if it is a macvlan device.
  public var macvlanMode: MacvlanMode?
  /// What has passed; nil unless it was asked for.
  public var traffic: LinkTraffic?

  /// Whether an administrator has switched it on (IFF_UP).
  public var isUp: Bool { flags.contains(.up) }
}

/// What has passed an interface since it was made: `struct rtnl_link_stats64`, `linux/if_link.h`.
public struct LinkTraffic: Hashable, Sendable {
  /// Packets that came in.
  public let receivedPackets: UInt64
  /// Packets that went out.
  public let sentPackets: UInt64
  /// Bytes that came in.
  public let receivedBytes: UInt64
  /// Bytes that went out.
  public let sentBytes: UInt64
  /// Packets that were lost on their way in.
  public let receivedDropped: UInt64
  /// Packets that were lost on their way out.
  public let sentDropped: UInt64
}

/// The operational state of an interface, RFC 2863 section 3.1.14, with the kernel's IF_OPER_ numbers.
public enum OperationalState: UInt8, Sendable {
  /// Not known: drivers that do not tell, the loopback interface.
  case unknown
  /// A component is missing.
  case notPresent
  /// Switched off, or no carrier.
  case down
  /// The interface below is down.
  case lowerLayerDown
  /// In a test.
  case testing
  /// Waits for an external event.
  case dormant
  /// Passes packets.
  case up
}

/// The state of a bridge, IFLA_BR_ attributes.
public struct BridgeState: Equatable, Sendable {
  /// Whether frames are kept to their VLAN.
  public var filtersVLANs: Bool
}

/// The state of a bridge's port, IFLA_BRPORT_ attributes.
public struct BridgePortState: Equatable, Sendable {
  /// The IEEE 802.1D state: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.
  public var state: UInt8
  /// Whether frames may leave by the port they came in (hairpin mode).
  public var hairpin: Bool
  /// Whether it cannot talk to other isolated ports.
  public var isolated: Bool

  /// Whether the port passes frames.
  public var isForwarding: Bool { state == 3 }
}
