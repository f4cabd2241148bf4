import CLinux
public import Addresses
public import Linux
public import Netlink

/// Whom the macvlan devices of one link may talk to besides the network that the link leads to: `ip-link(8)`, MACVLAN_MODE_ of `linux/if_link.h`.
public enum MacvlanMode: UInt32, Sendable {
  /// Nobody.
  case `private` = 1
  /// One another by way of a switch that sends frames back (IEEE 802.1Qbg).
  case vepa = 2
  /// One another directly.
  case bridge = 4
  /// There is one device only, and it has the link for itself.
  case passthru = 8
}

/// A macvlan device to be created: an interface with an address of its own on a link that it shares with others.
public struct MacvlanDevice: Sendable {
  /// The device's name.
  public var name: String
  /// The number of the link that it lies on.
  public var parentIndex: Int32
  /// Whom it may talk to.
  public var mode: MacvlanMode
  /// Its Ethernet address; nil lets the kernel choose a random one.
  public var macAddress: MACAddress?
  /// The largest packet in bytes; nil means the parent's.
  public var mtu: UInt32?
  /// How many broadcast packets may wait; nil means the kernel's 1000.
  public var broadcastQueueLength: UInt32?

  /// Describes a device by its parent.
  public init(name: String, parentIndex: Int32, mode: MacvlanMode) {
    self.name = name
    self.parentIndex = parentIndex
    self.mode = mode
  }
}

extension NetlinkMessage {
  /// Creates a macvlan device, down, beside its parent.
  public static func create(_ device: MacvlanDevice) -> NetlinkMessage { create(device, namespaceDescriptor: nil) }

  /// Creates a macvlan device, down, in another network namespace than its parent's.
  public static func create(_ device: MacvlanDevice, in namespace: borrowing NetworkNamespace) -> NetlinkMessage {
    create(device, namespaceDescriptor: namespace.file.descriptor)
  }

  private static func create(_ device: MacvlanDevice, namespaceDescriptor: Int32?) -> NetlinkMessage {
    var message = NetlinkMessage(
      RTM_NEWLINK, [.create, .exclusive], operation: "create macvlan device \(device.name) on link number \(device.parentIndex)")
    message.append(ifinfomsg())
    message.attribute(IFLA_IFNAME, device.name)
    message.attribute(IFLA_LINK, device.parentIndex)
    if let mtu = device.mtu { message.attribute(IFLA_MTU, mtu) }
    if let address = device.macAddress { message.attribute(IFLA_ADDRESS, bytes: address.bytes) }
    if let namespaceDescriptor { message.attribute(IFLA_NET_NS_FD, namespaceDescriptor) }
    message.nest(IFLA_LINKINFO) {
      $0.attribute(IFLA_INFO_KIND, "macvlan")
      $0.nest(IFLA_INFO_DATA) {
        $0.attribute(IFLA_MACVLAN_MODE, device.mode.rawValue)
        if let length = device.broadcastQueueLength { $0.attribute(IFLA_MACVLAN_BC_QUEUE_LEN, length) }
      }
    }
    return message
  }
}
