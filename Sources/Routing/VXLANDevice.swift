public import Addresses
import CLinux
public import Netlink

/// A VXLAN device to be created (RFC 7348): no learning, no multicast; who is where is written into its forwarding table.
public struct VXLANDevice: Hashable, Sendable {
  /// The device's name.
  public var name: String
  /// The network's identifier (VNI), 24 bits.
  public var identifier: UInt32
  /// This host's address in the network below, from which packets are sent.
  public var local: IPAddress
  /// The UDP port, here and at the other hosts.
  public var port: UInt16
  /// The device's own Ethernet address.
  public var macAddress: MACAddress
  /// The largest packet in bytes.
  public var mtu: UInt32

  /// Describes a device.
  public init(name: String, identifier: UInt32, local: IPAddress, port: UInt16, macAddress: MACAddress, mtu: UInt32) {
    self.name = name
    self.identifier = identifier
    self.local = local
    self.port = port
    self.macAddress = macAddress
    self.mtu = mtu
  }
}

extension NetlinkMessage {
  /// Creates a VXLAN device, up.
  public static func create(_ device: VXLANDevice) -> NetlinkMessage {
    var message = NetlinkMessage(
      RTM_NEWLINK, [.create, .exclusive, .echo], operation: "create VXLAN device \(device.name) with identifier \(device.identifier)")
    message.append(ifinfomsg(set: .up, change: .up))
    message.attribute(IFLA_IFNAME, device.name)
    message.attribute(IFLA_ADDRESS, bytes: device.macAddress.bytes)
    message.attribute(IFLA_MTU, device.mtu)
    message.nest(IFLA_LINKINFO) {
      $0.attribute(IFLA_INFO_KIND, "vxlan")
      $0.nest(IFLA_INFO_DATA) {
        $0.attribute(IFLA_VXLAN_ID, device.identifier)
        $0.attribute(device.local.family == .v4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, bytes: device.local.bytes)
        $0.attribute(IFLA_VXLAN_PORT, device.port.bigEndian)
        $0.attribute(IFLA_VXLAN_LEARNING, UInt8(0))
      }
    }
    return message
  }
}
