public import Addresses
import Routing

/// The network below an overlay as this host sees it.
public struct Underlay: Equatable, Sendable {
  /// Where other hosts reach this one by IPv4.
  public var publicAddress: IPAddress?
  /// Where other hosts reach this one by IPv6.
  public var publicIPv6Address: IPAddress?
  /// The number of the link that these addresses are on.
  public var linkIndex: Int32
  /// That link's name.
  public var linkName: String
  /// The largest packet of that link in bytes.
  public var mtu: UInt32
  /// The networks that are on the link itself.
  public var networks: [Subnet]

  /// Describes an underlay.
  public init(
    publicAddress: IPAddress?, publicIPv6Address: IPAddress? = nil, link: (index: Int32, name: String), mtu: UInt32, networks: [Subnet]
  ) {
    self.publicAddress = publicAddress
    self.publicIPv6Address = publicIPv6Address
    (linkIndex, linkName) = link
    self.mtu = mtu
    self.networks = networks
  }

  /// Whether a host is on the same link as this one.
  public func isOnLink(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }
}

/// Where overlayd looks for the underlay; what is nil is found.
public struct UnderlayChoice: Equatable, Sendable {
  /// The interface's name.
  public var interface: String?
  /// The public IPv4 address.
  public var address: IPAddress?
  /// The public IPv6 address.
  public var ipv6Address: IPAddress?

  /// Finds everything.
  public init() {}

  /// Looks at the interfaces of the calling thread's network namespace. Without a choice it is the interface of the default route.
  ///
  /// `families` are those that matter; `excluded` is the name of the overlay's own device. Throws if there is no such interface or address.
  public func find(_ families: [IPAddress.Family] = IPAddress.Family.allCases) throws -> Underlay {
    var routes = try RouteSocket()
    let addresses = try routes.addresses().filter { $0.scope == 0 && !$0.address.address.isLinkLocal }
    let index: Int32
    if let interface {
      guard let link = try routes.link(named: interface) else { throw UnderlayFault("interface \(interface) does not exist") }
      index = link.index
    } else if let wanted = address ?? ipv6Address {
      guard let found = addresses.first(where: { $0.address.address == wanted }) else {
        throw UnderlayFault("no interface has the address \(wanted)")
      }
      index = found.linkIndex
    } else {
      var found: Int32?
      for family in families where found == nil {
        found = try routes.routes(family).filter { $0.destination.isDefault }.min { ($0.priority ?? 0) < ($1.priority ?? 0) }?.linkIndex
      }
      guard let found else { throw UnderlayFault("there is no default route that would tell the interface: name it") }
      index = found
    }
    guard let link = try routes.link(index: index) else { throw UnderlayFault("interface number \(index) does not exist") }
    let own = addresses.filter { $0.linkIndex == index && !$0.isTentative && !$0.isDuplicate }
    func first(_ family: IPAddress.Family) -> IPAddress? { own.first { $0.address.family == family }?.address.address }
    let underlay = Underlay(
      publicAddress: address ?? first(.v4), publicIPv6Address: ipv6Address ?? first(.v6), link: (index, link.name), mtu: link.mtu,
      networks: own.map(\.address.network).filter { $0.prefixLength < $0.family.bitCount })
    if underlay.publicAddress == nil && underlay.publicIPv6Address == nil { throw UnderlayFault("interface \(link.name) has no address") }
    return underlay
  }
}

/// Why the underlay cannot be told.
public struct UnderlayFault: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
