import CLinux
public import Netlink

/// A WireGuard device as it is to be.
public struct WireGuardDevice: Hashable, Sendable {
  /// The device's name.
  public var name: String
  /// This host's key.
  public var privateKey: WireGuardPrivateKey
  /// The UDP port.
  public var port: UInt16
  /// The largest packet inside, in bytes.
  public var mtu: UInt32

  /// Describes a device.
  public init(name: String, privateKey: WireGuardPrivateKey, port: UInt16, mtu: UInt32) {
    self.name = name
    self.privateKey = privateKey
    self.port = port
    self.mtu = mtu
  }
}

extension NetlinkMessage {
  /// Creates a WireGuard device for a routing socket, down: it gets its key and its port by a request of its own, and has to be switched on then.
  public static func create(_ device: WireGuardDevice) -> NetlinkMessage {
    var message = NetlinkMessage(RTM_NEWLINK, [.create, .exclusive, .echo], operation: "create WireGuard device \(device.name)")
    message.append(ifinfomsg())
    message.attribute(IFLA_IFNAME, device.name)
    message.attribute(IFLA_MTU, device.mtu)
    message.nest(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, WireGuardSocket.kind) }
    return message
  }
}
