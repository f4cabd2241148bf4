import Addresses
import CLinux
import Glibc
import Linux
public import Netlink

/// A netlink socket for what is particular to WireGuard devices: keys, ports and peers. Links are made and removed by a routing socket.
///
/// There are no events for any of it: who wants to know must look.
public struct WireGuardSocket: ~Copyable {
  private var socket: NetlinkSocket
  private let family: UInt16

  /// What rtnetlink calls the kind of these links.
  public static let kind = WG_GENL_NAME

  /// Opens a socket in the network namespace of the calling thread, and has the kernel load its module. Throws EPROTONOSUPPORT, in clear words, if
  /// the kernel has no WireGuard.
  public init() throws(NetlinkError) {
    var socket = try NetlinkSocket(.generic)
    guard let family = try socket.genericFamily(named: WG_GENL_NAME) else {
      throw NetlinkError(
        Errno(rawValue: EPROTONOSUPPORT), "look for WireGuard",
        explanation: "this host's kernel has none: it takes the module \"wireguard\", which is part of Linux since 5.6")
    }
    self.socket = socket
    self.family = family
  }

  /// A device and its peers; nil if there is no such link or it is no WireGuard device. Needs CAP_NET_ADMIN.
  public mutating func device(index: Int32) throws(NetlinkError) -> WireGuardState? {
    var message = NetlinkMessage(
      family: family, command: WG_CMD_GET_DEVICE.rawValue, .dump, operation: "read WireGuard device number \(index)")
    message.attribute(WGDEVICE_A_IFINDEX.rawValue, index)
    do {
      let parts = try socket.dump(message) { (_, payload) throws(NetlinkError) in WireGuardState(payload: payload) }
      guard var state = parts.first else { return nil }
      for part in parts.dropFirst() { state.join(part) }
      return state
    } catch {
      if [.noDevice, .notSupported].contains(error.code) { return nil }
      throw error
    }
  }

  /// Carries out requests, all in one system call; the first failure is thrown, later requests are carried out all the same.
  public mutating func perform(_ requests: [NetlinkMessage]) throws(NetlinkError) {
    if !requests.isEmpty { try socket.perform(requests) }
  }

  /// Gives a device its key and its port; its peers stay.
  public func configuring(_ device: WireGuardDevice, linkIndex: Int32) -> NetlinkMessage {
    .configuring(device, linkIndex: linkIndex, family: family)
  }

  /// Adds a peer, or makes the one with its key like it. Networks that another peer has become this one's.
  public func setting(_ peer: WireGuardPeer, linkIndex: Int32) -> NetlinkMessage { .setting(peer, linkIndex: linkIndex, family: family) }

  /// Removes a peer; no error if it is not there.
  public func removing(_ peer: WireGuardKey, linkIndex: Int32) -> NetlinkMessage { .removing(peer, linkIndex: linkIndex, family: family) }
}
