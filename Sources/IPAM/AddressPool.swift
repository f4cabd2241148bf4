public import Addresses

/// Addresses of one subnet that may be handed out, and the subnet's gateway, which never is.
public struct AddressPool: Hashable, Sendable {
  /// The network; its mask goes with every address.
  public let subnet: Subnet
  /// The first and the last address to hand out.
  public let range: AddressRange
  /// The router's address, of the subnet's family; it need not lie in the subnet.
  public let gateway: IPAddress

  /// Checks a pool and fills in what is missing: the gateway and the first address are the network's address + 1, the last one is the
  /// network's last, except for IPv4's broadcast address.
  public init(subnet: Subnet, first: IPAddress? = nil, last: IPAddress? = nil, gateway: IPAddress? = nil) throws(RangeError) {
    guard subnet.prefixLength <= subnet.family.bitCount - 2, let second = subnet.networkAddress.advanced(by: 1),
      let defaultLast = subnet.family == .v4 ? subnet.lastAddress.advanced(by: -1) : subnet.lastAddress
    else { throw RangeError("Network \(subnet) too small to allocate from") }
    guard subnet.isNetwork else {
      throw RangeError(
        "Network has host bits set. For a subnet mask of length \(subnet.prefixLength) the network address is \(subnet.networkAddress)")
    }
    if let gateway, gateway.family != subnet.family { throw RangeError("gateway \(gateway) is not of the family of network \(subnet)") }
    if let first, !subnet.contains(first) || last.map({ $0.family == first.family && $0 < first }) ?? false {
      throw RangeError("RangeStart \(first) not in network \(subnet)")
    }
    if let last, !subnet.contains(last) { throw RangeError("RangeEnd \(last) not in network \(subnet)") }
    guard let range = AddressRange(first ?? second, last ?? defaultLast) else {
      throw first == nil
        ? RangeError("RangeEnd \(last ?? defaultLast) not in network \(subnet)")
        : RangeError("RangeStart \(first ?? second) not in network \(subnet)")
    }
    self.subnet = subnet
    self.range = range
    self.gateway = gateway ?? second
  }
}

extension AddressPool: CustomStringConvertible {
  /// `first-last`
  public var description: String { range.description }
}
