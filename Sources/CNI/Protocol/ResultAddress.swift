public import Addresses

/// An address that a plugin assigned: an entry of a result's `ips`.
public struct ResultAddress: Equatable, Sendable {
  /// The address with the prefix length of its network.
  public var address: Subnet
  /// The default gateway of that network.
  public var gateway: IPAddress?
  /// The position in the result's `interfaces`; nil in results of IPAM plugins. Others wrote it: it may be out of range.
  public var interface: Int?

  /// Describes an address.
  public init(_ address: Subnet, gateway: IPAddress? = nil, interface: Int? = nil) {
    self.address = address
    self.gateway = gateway
    self.interface = interface
  }
}
