public import Addresses

/// Pools of one family that share no address. An attachment gets one address out of each set.
public struct RangeSet: Hashable, Sendable {
  /// The pools in the order in which they are used up; at least one.
  public let pools: [AddressPool]
  private let gateways: Set<IPAddress>

  /// Checks that the pools go together.
  public init(_ pools: [AddressPool]) throws(RangeError) {
    guard let family = pools.first?.range.family else { throw RangeError("empty range set") }
    guard pools.allSatisfy({ $0.range.family == family }) else { throw RangeError("mixed address families") }
    if let (left, right) = RangeSet.overlap(pools.map { [$0.range] }) {
      throw RangeError("subnets \(pools[left]) and \(pools[right]) overlap")
    }
    self.pools = pools
    gateways = Set(pools.map(\.gateway))
  }

  /// IPv4 or IPv6.
  public var family: IPAddress.Family { pools[0].range.family }

  /// The pool whose range the address lies in.
  public func pool(containing address: IPAddress) -> AddressPool? { pools.first { $0.range.contains(address) } }

  /// Whether the address is the gateway of one of the pools.
  public func isGateway(_ address: IPAddress) -> Bool { gateways.contains(address) }

  /// Whether there is an address besides the gateways.
  public var hasAddresses: Bool {
    var candidates = Candidates(of: self, after: nil)
    return candidates.next() != nil
  }

  /// The first two groups of ranges that share an address, where no group overlaps itself; nil if there are none.
  static func overlap(_ groups: [[AddressRange]]) -> (Int, Int)? {
    let sorted = groups.joined().sorted { $0.first < $1.first }
    // Most configurations end here, also those with thousands of ranges; only a faulty one is searched pair by pair.
    guard zip(sorted, sorted.dropFirst()).contains(where: { $0.overlaps($1) }) else { return nil }
    for left in groups.indices {
      for right in groups.indices.dropFirst(left + 1)
      where groups[left].contains(where: { range in groups[right].contains(where: range.overlaps) }) {
        return (left, right)
      }
    }
    return nil
  }
}

extension RangeSet: CustomStringConvertible {
  /// The first pools with commas between them: `10.0.0.1-10.0.0.6,10.0.1.1-10.0.1.6`
  public var description: String { pools.listed(separator: ",") }
}
