public import Addresses

/// Why an attachment got no addresses, in the words that runtimes know.
public enum AllocationError: Error, Equatable, CustomStringConvertible {
  /// Every address of a set has an owner.
  case exhausted(set: Int, RangeSet)
  /// The requested address has an owner.
  case taken(set: Int, IPAddress, RangeSet)
  /// The requested address is a gateway.
  case gateway(set: Int, IPAddress)
  /// The attachment has an address of this set already.
  case duplicate(set: Int, IPAddress, containerID: String)
  /// Addresses were requested that lie in no set, or more than one in a set.
  case unusedRequests([IPAddress])

  /// `failed to allocate for range 0: no IP addresses available in range set: 10.0.0.1-10.0.0.2`
  public var description: String {
    switch self {
    case .exhausted(let set, let ranges): "failed to allocate for range \(set): no IP addresses available in range set: \(ranges)"
    case .taken(let set, let address, let ranges):
      "failed to allocate for range \(set): requested IP address \(address) is not available in range set \(ranges)"
    case .gateway(let set, let address): "failed to allocate for range \(set): requested ip \(address) is subnet's gateway"
    case .duplicate(let set, let address, let containerID):
      "failed to allocate for range \(set): \(address) has been allocated to \(containerID), duplicate allocation is not allowed"
    case .unusedRequests(let addresses):
      "failed to allocate all requested IPs: \(addresses.listed(separator: " "))"
    }
  }
}

extension Collection where Element: CustomStringConvertible {
  /// The elements for a message: the first eight, and how many more there are.
  func listed(separator: String) -> String {
    let first = prefix(8).map(\.description).joined(separator: separator)
    return count > 8 ? "\(first)\(separator)and \(count - 8) more" : first
  }
}
