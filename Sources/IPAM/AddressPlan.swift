import Addresses

/// All the range sets of a network, which share no address.
public struct AddressPlan: Hashable, Sendable {
  /// The sets in the order of the addresses in a result; at least one.
  public let sets: [RangeSet]

  /// Checks that there is a set, and that no two sets share an address.
  public init(_ sets: [RangeSet]) throws(RangeError) {
    guard !sets.isEmpty else { throw RangeError("no IP ranges specified") }
    if let (left, right) = RangeSet.overlap(sets.map { $0.pools.map(\.range) }) {
      throw RangeError("range set \(left) overlaps with \(right)")
    }
    self.sets = sets
  }

  /// Whether an attachment gets several addresses of one family.
  public static func hasSeveralOfOneFamily(_ sets: [RangeSet]) -> Bool { Set(sets.map(\.family)).count < sets.count }
}
