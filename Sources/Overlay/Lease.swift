public import Addresses

/// A host's right to one part of an overlay's addresses, and what the other hosts must know to reach it.
public struct Lease: Hashable, Sendable {
  /// The part of the IPv4 network; nil in a network of IPv6 alone. At least one of both is there.
  public var subnet: Subnet?
  /// The part of the IPv6 network.
  public var ipv6Subnet: Subnet?
  /// Where the host is reached on the underlay by IPv4.
  public var publicAddress: IPAddress?
  /// Where the host is reached on the underlay by IPv6.
  public var publicIPv6Address: IPAddress?
  /// How packets get to the host.
  public var dataPath: DataPath
  /// The number of the VXLAN network, 1…16 777 215.
  public var vni: UInt32?
  /// The Ethernet address of the host's VXLAN device.
  public var macAddress: MACAddress?
  /// The Ethernet address of flannel's other VXLAN device, by which a host with both families has its IPv6 packets; nil if it has one device.
  public var ipv6MACAddress: MACAddress?
  /// The host's public WireGuard key: 32 bytes in Base64.
  public var wireguardKey: String?
  /// The UDP port of the host's WireGuard device.
  public var port: UInt16?
  /// The UDP port of the host's other WireGuard device, by which a host with both families has its tunnels by IPv6; nil if it has one device.
  public var ipv6Port: UInt16?
  /// The host's name, for people; not an identity.
  public var hostName: String?
  /// Who holds the lease; nil if flannel wrote it, whose holder is its public address.
  public var holder: LeaseHolder?
  /// When the lease ends unless it is renewed: seconds since 1970 UTC. Nil if the store itself sees to that.
  public var expiry: Int64?

  /// Describes a lease of these networks.
  public init(subnet: Subnet? = nil, ipv6Subnet: Subnet? = nil, dataPath: DataPath = .vxlan) {
    self.subnet = subnet
    self.ipv6Subnet = ipv6Subnet
    self.dataPath = dataPath
  }

  /// The networks that are there, IPv4 first.
  public var subnets: [Subnet] { [subnet, ipv6Subnet].compactMap { $0 } }

  /// The underlay's addresses that are there, IPv4 first.
  public var publicAddresses: [IPAddress] { [publicAddress, publicIPv6Address].compactMap { $0 } }

  /// The underlay's address of a family.
  public func publicAddress(_ family: IPAddress.Family) -> IPAddress? { family == .v4 ? publicAddress : publicIPv6Address }

  /// What stores file the lease under: its networks, which nobody else may have.
  public var key: LeaseKey { LeaseKey(subnet: subnet, ipv6Subnet: ipv6Subnet) }

  /// Whether the two cannot both be right: they share an address.
  public func overlaps(_ other: Lease) -> Bool {
    subnets.contains { mine in other.subnets.contains { $0.family == mine.family && $0.overlaps(mine) } }
  }

  /// Whether both are held by the same run of the same host. Without a holder, as flannel writes leases, the public address decides.
  public func isHeld(bySameAs other: Lease) -> Bool {
    if holder != nil || other.holder != nil { return holder?.node == other.holder?.node && holder?.instance == other.holder?.instance }
    return publicAddresses == other.publicAddresses
  }

  /// Whether this lease is to stay when both are claimed: the one that began earlier; of one moment, the one of the smaller holder.
  /// flannel's leases, which do not say when they began, go before ours.
  public func precedes(_ other: Lease) -> Bool {
    switch (holder, other.holder) {
    case (let mine?, let theirs?): (mine.since, mine.node, mine.instance) < (theirs.since, theirs.node, theirs.instance)
    case (nil, _?): true
    case (_?, nil): false
    case (nil, nil): publicAddresses.first ?? IPAddress(.v6, 0) < other.publicAddresses.first ?? IPAddress(.v6, 0)
    }
  }
}

/// The networks of a lease, by which it is found.
public struct LeaseKey: Hashable, Sendable, CustomStringConvertible {
  /// The part of the IPv4 network.
  public let subnet: Subnet?
  /// The part of the IPv6 network.
  public let ipv6Subnet: Subnet?

  /// Joins both.
  public init(subnet: Subnet? = nil, ipv6Subnet: Subnet? = nil) {
    self.subnet = subnet
    self.ipv6Subnet = ipv6Subnet
  }

  /// The networks that are there, IPv4 first.
  public var subnets: [Subnet] { [subnet, ipv6Subnet].compactMap { $0 } }

  /// `10.244.3.0/24`, `10.244.3.0/24 and fd00:244:3::/64`
  public var description: String { subnets.map(\.description).joined(separator: " and ") }
}
