public import Addresses
import CLinux
import Netlink

/// What is particular to a VXLAN device (RFC 7348): IFLA_VXLAN_ attributes.
public struct VXLANState: Equatable, Sendable {
  /// The network's identifier (VNI), 24 bits.
  public var identifier: UInt32?
  /// This host's address in the network below.
  public var local: IPAddress?
  /// The one remote host, or the multicast group, that frames to unknown addresses go to.
  public var remote: IPAddress?
  /// The UDP port.
  public var port: UInt16?
  /// The link below.
  public var linkIndex: Int32?

  init(payload: RawSpan) {
    payload.forEachAttribute { type, content in
      switch type {
      case IFLA_VXLAN_ID: identifier = content.load()
      case IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6: local = IPAddress(bytes: content.array)
      case IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6: remote = IPAddress(bytes: content.array)
      case IFLA_VXLAN_PORT: port = content.load(UInt16.self).map { UInt16(bigEndian: $0) }
      case IFLA_VXLAN_LINK: linkIndex = content.load()
      default: break
      }
    }
  }
}
