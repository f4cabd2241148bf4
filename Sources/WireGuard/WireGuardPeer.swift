public import Addresses

/// Another host of a WireGuard device.
public struct WireGuardPeer: Hashable, Sendable {
  /// A host's address and UDP port.
  public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public var address: IPAddress
    /// The port.
    public var port: UInt16

    /// Joins both.
    public init(_ address: IPAddress, port: UInt16) {
      self.address = address
      self.port = port
    }

    /// `192.0.2.1:51820`, `[2001:db8::1]:51820`
    public var description: String { address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
  }

  /// Who it is.
  public var publicKey: WireGuardKey
  /// A secret that both hosts know besides; nil for none.
  public var presharedKey: WireGuardKey?
  /// Where packets for it go; nil until it has sent one.
  public var endpoint: Endpoint?
  /// Packets to these networks go to it, and only packets from them are taken from it. No two peers of a device have the same network.
  public var allowed: Set<Subnet>

  /// Describes a peer.
  public init(_ publicKey: WireGuardKey, presharedKey: WireGuardKey? = nil, endpoint: Endpoint? = nil, allowed: Set<Subnet> = []) {
    self.publicKey = publicKey
    self.presharedKey = presharedKey
    self.endpoint = endpoint
    self.allowed = allowed
  }
}
