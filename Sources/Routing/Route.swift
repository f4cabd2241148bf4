public import Addresses

/// An entry of a routing table: RTM_NEWROUTE, rtnetlink(7).
public struct Route: Hashable, Sendable {
  /// One way to a route's destination.
  public struct Hop: Hashable, Sendable {
    /// The next router; nil if the destination is on the link itself.
    public var gateway: IPAddress?
    /// The number of the interface to send by.
    public var linkIndex: Int32?
    /// Whether the gateway counts as reachable on the link although no address says so (RTNH_F_ONLINK).
    public var isOnLink: Bool

    /// Describes a next hop.
    public init(gateway: IPAddress? = nil, linkIndex: Int32? = nil, isOnLink: Bool = false) {
      self.gateway = gateway
      self.linkIndex = linkIndex
      self.isOnLink = isOnLink
    }
  }

  /// The destination network.
  public var destination: Subnet
  /// The next hop, or several that share the traffic (ECMP).
  public var hops: [Hop]
  /// The source address of packets that have none yet.
  public var source: IPAddress?
  /// RT_TABLE_: 254 main, 255 local, or any other number.
  public var table: UInt32 = 254
  /// RT_SCOPE_: 0 anywhere, 253 on the link, 254 on this host; nil derives it from the next hop.
  public var scope: UInt8?
  /// The metric; lower wins. In IPv6 the kernel makes 1024 of nil.
  public var priority: UInt32?
  /// The largest packet to this destination in bytes.
  public var mtu: UInt32?
  /// The maximum segment size to advertise, in bytes.
  public var advertisedMSS: UInt32?
  /// RTN_: 1 unicast, 2 local, 3 broadcast…
  public var type: UInt8 = 1
  /// RTPROT_: who made it; 2 kernel, 3 boot, 4 static.
  public var origin: UInt8 = 3

  /// The origin of the routes that overlayd makes: a number that nobody else uses.
  public static let overlayOrigin: UInt8 = 79

  /// Describes a unicast route of the main table with one next hop.
  public init(to destination: Subnet, gateway: IPAddress? = nil, linkIndex: Int32? = nil) {
    self.destination = destination
    self.hops = [Hop(gateway: gateway, linkIndex: linkIndex)]
  }

  /// The first next hop's router.
  public var gateway: IPAddress? { hops.first?.gateway }
  /// The first next hop's interface.
  public var linkIndex: Int32? { hops.first?.linkIndex }
}
