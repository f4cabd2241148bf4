import Addresses
import CLinux
package import Netlink

extension NetlinkMessage {
  /// Gives a device its key and its port; its peers stay.
  package static func configuring(_ device: WireGuardDevice, linkIndex: Int32, family: UInt16) -> NetlinkMessage {
    var message = request(family, linkIndex, "give WireGuard device \(device.name) its key and port \(device.port)")
    message.attribute(WGDEVICE_A_PRIVATE_KEY.rawValue, bytes: device.privateKey.bytes)
    message.attribute(WGDEVICE_A_LISTEN_PORT.rawValue, device.port)
    return message
  }

  /// Adds a peer, or makes the one with its key like it. Networks that another peer has become this one's.
  package static func setting(_ peer: WireGuardPeer, linkIndex: Int32, family: UInt16) -> NetlinkMessage {
    var message = request(family, linkIndex, "set WireGuard peer \(peer.publicKey)")
    message.nest(WGDEVICE_A_PEERS.rawValue) {
      $0.nest(0) {
        $0.attribute(WGPEER_A_PUBLIC_KEY.rawValue, bytes: peer.publicKey.bytes)
        $0.attribute(WGPEER_A_FLAGS.rawValue, WGPEER_F_REPLACE_ALLOWEDIPS.rawValue)
        // Zeros stand for none, and take away one that is there.
        $0.attribute(WGPEER_A_PRESHARED_KEY.rawValue, bytes: peer.presharedKey?.bytes ?? [UInt8](repeating: 0, count: 32))
        if let endpoint = peer.endpoint { $0.attribute(WGPEER_A_ENDPOINT.rawValue, bytes: endpoint.socketAddress) }
        $0.nest(WGPEER_A_ALLOWEDIPS.rawValue) {
          for subnet in peer.allowed {
            $0.nest(0) {
              $0.attribute(WGALLOWEDIP_A_FAMILY.rawValue, UInt16(subnet.family.kernelNumber))
              $0.attribute(WGALLOWEDIP_A_IPADDR.rawValue, bytes: subnet.networkAddress.bytes)
              $0.attribute(WGALLOWEDIP_A_CIDR_MASK.rawValue, UInt8(subnet.prefixLength))
            }
          }
        }
      }
    }
    return message
  }

  /// Removes a peer; no error if it is not there.
  package static func removing(_ peer: WireGuardKey, linkIndex: Int32, family: UInt16) -> NetlinkMessage {
    var message = request(family, linkIndex, "remove WireGuard peer \(peer)")
    message.nest(WGDEVICE_A_PEERS.rawValue) {
      $0.nest(0) {
        $0.attribute(WGPEER_A_PUBLIC_KEY.rawValue, bytes: peer.bytes)
        $0.attribute(WGPEER_A_FLAGS.rawValue, WGPEER_F_REMOVE_ME.rawValue)
      }
    }
    return message
  }

  private static func request(_ family: UInt16, _ linkIndex: Int32, _ operation: String) -> NetlinkMessage {
    var message = NetlinkMessage(family: family, command: WG_CMD_SET_DEVICE.rawValue, operation: operation)
    message.attribute(WGDEVICE_A_IFINDEX.rawValue, linkIndex)
    return message
  }
}

extension WireGuardPeer.Endpoint {
  /// A `struct sockaddr_in` or `struct sockaddr_in6`: family in host byte order, port and address in network byte order.
  fileprivate var socketAddress: [UInt8] {
    let number = UInt16(address.family.kernelNumber).littleEndian
    let head = [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), UInt8(port >> 8), UInt8(port & 0xFF)]
    let zeros = [UInt8](repeating: 0, count: address.family == .v4 ? 8 : 4)
    return address.family == .v4 ? head + address.bytes + zeros : head + zeros + address.bytes + zeros
  }
}
