public import Addresses

/// An address that was handed out, as an interface needs it.
public struct AllocatedAddress: Hashable, Sendable {
  /// The address with its subnet's prefix length.
  public let address: Subnet
  /// The subnet's router.
  public let gateway: IPAddress

  init(_ address: IPAddress, from pool: AddressPool) {
    // The address lies in the subnet, whose length fits the family.
    self.address = Subnet(address, prefixLength: pool.subnet.prefixLength) ?? Subnet(host: address)
    gateway = pool.gateway
  }
}
