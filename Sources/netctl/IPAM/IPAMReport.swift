internal import Addresses
internal import IPAM
internal import Inspection
internal import JSON

/// A network's addresses as JSON.
enum IPAMReport {
  /// `{"name": …, "folder": …, "ranges": […], "leases": […]}`
  static func json(_ network: LeasedNetwork, _ audit: LeaseAudit) throws -> JSONValue {
    let used = network.leases.map(\.address)
    var ranges: [JSONValue] = []
    for (number, set) in (network.plan?.sets ?? []).enumerated() {
      let next = try LeaseStore.upcoming(set, number: number, count: 3, in: network.folder)
      for pool in set.pools {
        ranges.append([
          "set": .integer(Int64(number)), "subnet": .string("\(pool.subnet)"), "first": .string("\(pool.range.first)"),
          "last": .string("\(pool.range.last)"), "gateway": .string("\(pool.gateway)"),
          "size": .integer(Int64(clamping: LeasedNetwork.size(of: pool))),
          "used": .integer(Int64(used.count { pool.range.contains($0) })), "next": .array(next.map { .string("\($0)") }),
        ])
      }
    }
    let leases = network.leases.map { (address, owner) -> JSONValue in
      [
        "address": .string("\(address)"), "container": owner.map { .string($0.containerID) } ?? .null,
        "interface": owner?.ifname.map { .string($0) } ?? .null, "leak": audit.reason(address, owner).map { .string($0) } ?? .null,
      ]
    }
    return ["name": .string(network.name), "folder": .string(network.folder), "ranges": .array(ranges), "leases": .array(leases)]
  }
}
