internal import Addresses
internal import JSON
internal import Netlink
internal import Routing

/// The addresses of a network that is to be made: as asked for, else a subnet that nothing else on the host uses.
struct AddressPoolPlan {
  private var pools: [(subnet: Subnet, gateway: IPAddress?, range: Subnet?)] = []

  init(_ options: NetworkOptions, _ present: [Network]) throws {
    let taken = present.flatMap { network in network.pools.map { (network.name, $0.subnet) } }
    for subnet in options.subnets {
      if let (name, other) = taken.first(where: { $0.1.overlaps(subnet) }) {
        throw EngineError("subnet \(subnet): pool overlaps with \(other) of network \(name) on this host")
      }
      if pools.contains(where: { $0.subnet.family == subnet.family }) {
        throw EngineError("subnet \(subnet): expected at most one subnet of each family")
      }
      try AddressPoolPlan.validate(subnet)
      pools.append((subnet.network, nil, nil))
    }
    var used = taken.map { $0.1 }
    if !pools.contains(where: { $0.subnet.family == .v4 }) && (options.subnets.isEmpty || !options.hasIPv6)
      && !pools.contains(where: { $0.subnet.family == .v6 })
    {
      used += try AddressPoolPlan.routed(.v4)
      guard let free = AddressPoolPlan.candidates.first(where: { candidate in !used.contains { $0.overlaps(candidate) } }) else {
        throw EngineError("could not find an available, non-overlapping IPv4 address pool; name one with --subnet")
      }
      pools.append((free, nil, nil))
    }
    if options.hasIPv6 && !pools.contains(where: { $0.subnet.family == .v6 }) {
      pools.append((try AddressPoolPlan.freeLocalSubnet(used + AddressPoolPlan.routed(.v6)), nil, nil))
    }
    try place(options)
  }

  /// The `ipam` section.
  func json(withDefaultRoute: Bool) -> JSONValue {
    let ranges = pools.map { pool -> JSONValue in
      var range = JSONObject([("subnet", .string(pool.subnet.description))])
      range["gateway"] = pool.gateway.map { .string($0.description) }
      if let part = pool.range {
        // The network's own address and the broadcast address are nobody's.
        let first = part.networkAddress == pool.subnet.networkAddress ? part.networkAddress.advanced(by: 1) : part.networkAddress
        let last = part.lastAddress == pool.subnet.lastAddress ? part.lastAddress.advanced(by: -1) : part.lastAddress
        range["rangeStart"] = first.map { .string($0.description) }
        range["rangeEnd"] = last.map { .string($0.description) }
      }
      return .array([.object(range)])
    }
    var ipam = JSONObject([("type", "host-local"), ("ranges", .array(ranges))])
    if withDefaultRoute {
      ipam["routes"] = .array(pools.map { ["dst": $0.subnet.family == .v4 ? "0.0.0.0/0" : "::/0"] })
    }
    return .object(ipam)
  }

  /// Puts gateways and ranges into their subnets.
  private mutating func place(_ options: NetworkOptions) throws {
    for gateway in options.gateways {
      guard let position = pools.firstIndex(where: { $0.subnet.contains(gateway) }) else {
        throw EngineError("no matching subnet for gateway \(gateway)")
      }
      let subnet = pools[position].subnet
      guard gateway != subnet.networkAddress, gateway.family == .v6 || gateway != subnet.lastAddress else {
        throw EngineError("invalid argument \"\(gateway)\" for --gateway: expected an address of a host in \(subnet)")
      }
      guard pools[position].gateway == nil else { throw EngineError("gateway \(gateway): \(subnet) has another gateway already") }
      pools[position].gateway = gateway
    }
    for range in options.ranges {
      guard let position = pools.firstIndex(where: { $0.subnet.contains(range.networkAddress) && $0.subnet.contains(range.lastAddress) })
      else {
        throw EngineError("no matching subnet for range \(range)")
      }
      pools[position].range = range.network
    }
  }

  private static func validate(_ subnet: Subnet) throws {
    guard subnet.family.bitCount - subnet.prefixLength >= 2 else {
      throw EngineError("subnet \(subnet): expected room for a gateway and a container, at most /\(subnet.family.bitCount - 2)")
    }
    guard !subnet.address.isMulticast, !subnet.address.isLoopback, !subnet.isDefault else {
      throw EngineError("subnet \(subnet): expected unicast addresses")
    }
  }

  /// Where the host sends packets by a route of its own, default routes excepted.
  private static func routed(_ family: IPAddress.Family) throws -> [Subnet] {
    var routes = try RouteSocket()
    return try routes.routes(family, table: nil).map(\.destination).filter {
      !$0.isDefault && !$0.address.isMulticast && !$0.address.isLinkLocal
    }
  }

  /// docker's: 172.18.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on; after them 10.89.0.0/24 and on.
  private static var candidates: some Sequence<Subnet> {
    let large = (18...31).lazy.map { "172.\($0).0.0/16" }, small = (0..<16).lazy.map { "192.168.\($0 * 16).0/20" }
    let more = (89...255).lazy.flatMap { second in (0...255).lazy.map { "10.\(second).\($0).0/24" } }
    return [AnySequence(large), AnySequence(small), AnySequence(more)].lazy.flatMap { $0 }.compactMap { Subnet($0) }
  }

  /// A /64 of a unique local network with a random 40-bit number, RFC 4193.
  private static func freeLocalSubnet(_ used: [Subnet]) throws -> Subnet {
    for _ in 0..<100 {
      let network = UInt128(0xFD) << 120 | UInt128(UInt64.random(in: 0..<(1 << 40))) << 80
      if let subnet = Subnet(IPAddress(.v6, network), prefixLength: 64), !used.contains(where: { $0.overlaps(subnet) }) { return subnet }
    }
    throw EngineError("could not find an available, non-overlapping IPv6 address pool; name one with --subnet")
  }
}
