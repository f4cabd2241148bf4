public import Addresses

/// What all hosts of an overlay agree on: its addresses and how packets travel. flannel's `config`.
public struct OverlayNetworkConfiguration: Hashable, Sendable {
  /// The addresses of one family that hosts take their parts from.
  public struct Pool: Hashable, Sendable {
    /// All containers' addresses.
    public var network: Subnet
    /// The prefix length of a host's part.
    public var subnetLength: Int
    /// The first part that may be given away.
    public var first: IPAddress
    /// The last part that may be given away.
    public var last: IPAddress

    /// How many parts there are.
    public var count: UInt128 { (last.value - first.value) >> UInt128(hostBits) + 1 }

    /// The part with a number from 0.
    public func subnet(_ number: UInt128) -> Subnet? {
      first.advanced(by: Int128(number << UInt128(hostBits))).flatMap { Subnet($0, prefixLength: subnetLength) }
    }

    /// Whether a network is one of the parts.
    public func contains(_ subnet: Subnet) -> Bool {
      subnet.family == network.family && subnet.prefixLength == subnetLength && first <= subnet.address && subnet.address <= last
    }

    private var hostBits: Int { network.family.bitCount - subnetLength }
  }

  /// IPv4; nil in a network of IPv6 alone.
  public var ipv4: Pool?
  /// IPv6; nil in a network of IPv4 alone.
  public var ipv6: Pool?
  /// How packets travel.
  public var dataPath: DataPath
  /// The number of the VXLAN network, which tells several overlays of a host apart.
  public var vni: UInt32
  /// The UDP port of VXLAN or WireGuard on every host.
  public var port: UInt16
  /// The UDP port of the WireGuard device for tunnels by IPv6, where it is one of its own.
  public var ipv6Port: UInt16
  /// Which WireGuard tunnels there are.
  public var wireguardMode: WireGuardMode
  /// The largest packet of containers in bytes; nil leaves it to what the underlay can carry.
  public var mtu: UInt32?
  /// A secret of all hosts that WireGuard mixes into its keys: 32 bytes in Base64; nil for none.
  public var presharedKey: String?
  /// Whether hosts on the same link as this one are reached without a tunnel.
  public var directRouting: Bool

  /// Describes an overlay with flannel's defaults: VXLAN number 1, port 8472.
  public init(ipv4: Pool? = nil, ipv6: Pool? = nil, dataPath: DataPath = .vxlan) {
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.dataPath = dataPath
    vni = 1
    port = dataPath == .wireguard ? 51820 : 8472
    ipv6Port = 51821
    wireguardMode = .separate
    directRouting = false
  }

  /// The pools that are there, IPv4 first.
  public var pools: [Pool] { [ipv4, ipv6].compactMap { $0 } }

  /// The pool of a family.
  public func pool(_ family: IPAddress.Family) -> Pool? { family == .v4 ? ipv4 : ipv6 }

  /// The numbers that a VXLAN network may have: 24 bits, RFC 7348.
  public static let vnis = 1...0xFF_FFFF
}
