/// Addresses of one family from a first to a last one, both included.
public struct AddressRange: Hashable, Sendable {
  /// The lowest address.
  public let first: IPAddress
  /// The highest address.
  public let last: IPAddress

  /// Makes a range; nil if the families differ or the first address lies above the last.
  public init?(_ first: IPAddress, _ last: IPAddress) {
    guard first.family == last.family, first <= last else { return nil }
    self.first = first
    self.last = last
  }

  /// IPv4 or IPv6.
  public var family: IPAddress.Family { first.family }

  /// The number of addresses; the whole of IPv6 counts one too few.
  public var count: UInt128 {
    let distance = last.value - first.value
    return distance == .max ? .max : distance + 1
  }

  /// Whether the address lies in the range.
  public func contains(_ address: IPAddress) -> Bool { address.family == family && first <= address && address <= last }

  /// Whether the two ranges share an address.
  public func overlaps(_ other: AddressRange) -> Bool {
    other.family == family && first <= other.last && other.first <= last
  }
}

extension AddressRange: CustomStringConvertible {
  /// `first-last`
  public var description: String { "\(first)-\(last)" }
}
