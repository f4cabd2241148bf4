public import Addresses
public import Overlay

/// Decides which part of an overlay a host asks for.
public struct LeaseChooser {
  private let configuration: OverlayNetworkConfiguration
  private let contents: StoreContents

  /// Chooses among what a store holds.
  public init(_ configuration: OverlayNetworkConfiguration, _ contents: StoreContents) {
    self.configuration = configuration
    self.contents = contents
  }

  /// The lease that this host has already: by its node, else by its public addresses, which nobody else can have, as flannel does it and for
  /// a host that was set up anew.
  public func existing(node: String, publicAddresses: [IPAddress]) -> Lease? {
    let leases = contents.leases.filter(fits)
    return leases.first { $0.holder?.node == node }
      ?? leases.first { lease in !lease.publicAddresses.isEmpty && lease.publicAddresses.allSatisfy { publicAddresses.contains($0) } }
  }

  /// The networks to ask for: `preferred` if they are free, else free ones by chance; nil if all are taken.
  public func choose(node: String, preferred: LeaseKey? = nil) -> LeaseKey? {
    if let preferred, fits(preferred), isFree(preferred, node: node) { return preferred }
    var generator = SystemRandomNumberGenerator()
    return choose(node: node, using: &generator)
  }

  /// The networks to ask for, by a given source of chance.
  public func choose(node: String, using generator: inout some RandomNumberGenerator) -> LeaseKey? {
    // Both families have the same number where that is possible, which is easier to read.
    guard let pool = configuration.pools.first else { return nil }
    let occupied = self.occupied(node: node)
    for number in LeaseChooser.numbers(pool.count, using: &generator) {
      guard let subnet = pool.subnet(number), !occupied.contains(where: { $0.overlaps(subnet) }) else { continue }
      guard let ipv6 = configuration.ipv6, configuration.ipv4 != nil else { return key(subnet) }
      let candidates = LeaseChooser.numbers(ipv6.count, using: &generator)
      for other in [number] + candidates where other < ipv6.count {
        if let second = ipv6.subnet(other), !occupied.contains(where: { $0.overlaps(second) }) {
          return LeaseKey(subnet: subnet, ipv6Subnet: second)
        }
      }
      return nil
    }
    return nil
  }

  /// Whether a lease's networks are parts of this overlay, in every family that it has.
  public func fits(_ lease: Lease) -> Bool { fits(lease.key) }

  private func fits(_ key: LeaseKey) -> Bool {
    func fits(_ subnet: Subnet?, _ pool: OverlayNetworkConfiguration.Pool?) -> Bool {
      switch (subnet, pool) {
      case (let subnet?, let pool?): pool.contains(subnet)
      case (nil, nil): true
      default: false
      }
    }
    return fits(key.subnet, configuration.ipv4) && fits(key.ipv6Subnet, configuration.ipv6)
  }

  private func isFree(_ key: LeaseKey, node: String) -> Bool {
    !occupied(node: node).contains { taken in key.subnets.contains { $0.overlaps(taken) } }
  }

  private func occupied(node: String) -> [Subnet] {
    let held = contents.leases.flatMap(\.subnets)
    return held + contents.quarantined.filter { $0.node != node }.flatMap { $0.key.subnets }
  }

  private func key(_ subnet: Subnet) -> LeaseKey { subnet.family == .v4 ? LeaseKey(subnet: subnet) : LeaseKey(ipv6Subnet: subnet) }

  /// Numbers below `count`, from a place by chance on, each once; of a large space so many that one of them is free.
  private static func numbers(_ count: UInt128, using generator: inout some RandomNumberGenerator) -> [UInt128] {
    let start = UInt128.random(in: 0..<count, using: &generator)
    return (0..<min(count, 1 << 16)).map { (start + $0) % count }
  }
}
