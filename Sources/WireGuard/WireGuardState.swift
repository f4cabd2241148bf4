import Addresses
import CLinux
import Netlink

/// A WireGuard device as the kernel has it: WG_CMD_GET_DEVICE, `linux/wireguard.h`.
public struct WireGuardState: Equatable, Sendable {
  /// One of its peers, and what has become of it.
  public struct Peer: Equatable, Sendable {
    /// As it is set; the endpoint is where its last packet came from, if that is another one.
    public var peer: WireGuardPeer
    /// When keys were last agreed on: seconds since 1970 UTC; nil if never. Older than three minutes means that nothing has passed since.
    public var lastHandshake: Int64?
    /// Bytes that came from it.
    public var receivedBytes: UInt64 = 0
    /// Bytes that went to it.
    public var sentBytes: UInt64 = 0
  }

  /// The device's number.
  public var linkIndex: Int32 = 0
  /// This host's public key; nil before it has one.
  public var publicKey: WireGuardKey?
  /// The UDP port.
  public var port: UInt16 = 0
  /// The peers, in no order.
  public var peers: [Peer] = []

  /// Nothing.
  init() {}

  /// Reads one message of the kernel's answer, of which there may be several for a device.
  package init(payload: RawSpan) {
    payload.forEachAttribute(after: MemoryLayout<genlmsghdr>.size) { type, content in
      switch UInt32(type) {
      case WGDEVICE_A_IFINDEX.rawValue: linkIndex = content.load() ?? 0
      case WGDEVICE_A_PUBLIC_KEY.rawValue: publicKey = WireGuardKey(bytes: content.array)
      case WGDEVICE_A_LISTEN_PORT.rawValue: port = content.load() ?? 0
      case WGDEVICE_A_PEERS.rawValue: content.forEachAttribute { _, content in if let peer = Peer(payload: content) { peers.append(peer) } }
      default: break
      }
    }
  }

  /// Adds what the next message says. A peer with many networks is repeated, with the further networks only.
  mutating func join(_ next: WireGuardState) {
    for peer in next.peers {
      if let last = peers.indices.last, peers[last].peer.publicKey == peer.peer.publicKey {
        peers[last].peer.allowed.formUnion(peer.peer.allowed)
      } else {
        peers.append(peer)
      }
    }
  }
}

extension WireGuardState.Peer {
  /// Nil without a key.
  fileprivate init?(payload: RawSpan) {
    var key: WireGuardKey?, handshake: Int64?, received: UInt64 = 0, sent: UInt64 = 0
    var preshared: WireGuardKey?, endpoint: WireGuardPeer.Endpoint?, allowed: Set<Subnet> = []
    payload.forEachAttribute { type, content in
      switch UInt32(type) {
      case WGPEER_A_PUBLIC_KEY.rawValue: key = WireGuardKey(bytes: content.array)
      case WGPEER_A_PRESHARED_KEY.rawValue: preshared = WireGuardKey(bytes: content.array).flatMap { $0.isZero ? nil : $0 }
      case WGPEER_A_ENDPOINT.rawValue: endpoint = WireGuardPeer.Endpoint(payload: content)
      case WGPEER_A_LAST_HANDSHAKE_TIME.rawValue: handshake = content.load(Int64.self).flatMap { $0 == 0 ? nil : $0 }
      case WGPEER_A_RX_BYTES.rawValue: received = content.load() ?? 0
      case WGPEER_A_TX_BYTES.rawValue: sent = content.load() ?? 0
      case WGPEER_A_ALLOWEDIPS.rawValue:
        content.forEachAttribute { _, content in if let subnet = Subnet(allowed: content) { allowed.insert(subnet) } }
      default: break
      }
    }
    guard let key else { return nil }
    self.init(
      peer: WireGuardPeer(key, presharedKey: preshared, endpoint: endpoint, allowed: allowed), lastHandshake: handshake,
      receivedBytes: received, sentBytes: sent)
  }
}

extension WireGuardPeer.Endpoint {
  /// Reads a `struct sockaddr_in` or `struct sockaddr_in6`.
  init?(payload: RawSpan) {
    let bytes = payload.array
    guard bytes.count >= 8, let number = payload.load(UInt16.self), let family = IPAddress.Family(kernelNumber: UInt8(clamping: number))
    else { return nil }
    // In the longer structure four bytes of flow information stand before the address.
    let start = family == .v4 ? 4 : 8
    guard bytes.count >= start + family.byteCount, let address = IPAddress(bytes: bytes[start..<(start + family.byteCount)]) else {
      return nil
    }
    self.init(address, port: UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
  }
}

extension Subnet {
  /// Reads what WGDEVICE_A_ALLOWEDIPS nests.
  fileprivate init?(allowed payload: RawSpan) {
    var address: IPAddress?, length: UInt8?
    payload.forEachAttribute { type, content in
      switch UInt32(type) {
      case WGALLOWEDIP_A_IPADDR.rawValue: address = IPAddress(bytes: content.array)
      case WGALLOWEDIP_A_CIDR_MASK.rawValue: length = content.load()
      default: break
      }
    }
    guard let address, let length, let subnet = Subnet(address, prefixLength: Int(length)) else { return nil }
    self = subnet
  }
}
