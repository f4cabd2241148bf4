public import Addresses

/// A socket that waits for whoever comes: a TCP or SCTP listener, or a UDP socket that is bound but not connected.
public struct Listener: Hashable, Sendable {
  /// The address it is bound to; 0.0.0.0 or :: for all of the host's. An IPv6 socket on an IPv4-mapped address counts as IPv4.
  public let address: IPAddress
  /// The port it is bound to.
  public let port: UInt16
  /// The protocol.
  public let transport: TransportProtocol
  /// Whether a socket on :: also takes IPv4 packets (IPV6_V6ONLY is off).
  public let takesIPv4: Bool
  /// The index of the one interface the socket is bound to (SO_BINDTODEVICE); 0 for all.
  public let interface: UInt32
  /// The socket's inode number, by which /proc names it; 0 if it belongs to no process any more.
  public let inode: UInt32
  /// The user that made the socket.
  public let user: UInt32

  /// Whether packets to the address, or for an unspecified one to any address of its family, can reach this socket.
  public func overlaps(_ other: IPAddress) -> Bool {
    if address.isUnspecified {
      return address.family == other.family || (takesIPv4 && other.family == .v4)
    }
    return address == other || (other.isUnspecified && address.family == other.family)
  }
}

extension Listener: CustomStringConvertible {
  /// `tcp 127.0.0.1:80`, `udp [::1]:53`.
  public var description: String { "\(transport) " + (address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)") }
}
