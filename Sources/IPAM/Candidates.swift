import Addresses

/// The addresses of a range set in the order in which they are tried: round robin, each once, gateways left out.
struct Candidates: Sequence, IteratorProtocol {
  private let set: RangeSet
  private var pool: Int
  private var address: IPAddress
  private var remaining: UInt128

  /// Starts after `last` and tries that one at the very end; starts at the first address of all if `last` lies in no pool.
  init(of set: RangeSet, after last: IPAddress?) {
    self.set = set
    pool = 0
    address = set.pools[0].range.first
    remaining = set.pools.reduce(0) { (sum, pool) -> UInt128 in
      let (next, overflow) = sum.addingReportingOverflow(pool.range.count)
      return overflow ? .max : next
    }
    if let last, let place = set.pools.firstIndex(where: { $0.range.contains(last) }) {
      pool = place
      address = last
      step()
    }
  }

  mutating func next() -> (address: IPAddress, pool: AddressPool)? {
    while remaining > 0 {
      let candidate = (address: address, pool: set.pools[pool])
      remaining -= 1
      step()
      if !set.isGateway(candidate.address) { return candidate }
    }
    return nil
  }

  private mutating func step() {
    if address < set.pools[pool].range.last, let next = address.advanced(by: 1) {
      address = next
    } else {
      pool = (pool + 1) % set.pools.count
      address = set.pools[pool].range.first
    }
  }
}
