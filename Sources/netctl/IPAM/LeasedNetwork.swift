internal import Addresses
internal import CNI
internal import Glibc
internal import HostLocalPlugin
internal import IPAM
internal import Inspection
internal import JSON
internal import Linux
internal import Wording

/// A network whose addresses host-local hands out.
struct LeasedNetwork {
  let name: String
  /// The folder of its leases.
  let folder: String
  /// What addresses there are; nil if no configuration says.
  let plan: AddressPlan?
  let leases: [(address: IPAddress, owner: LeaseOwner?)]

  /// The networks of a folder of configurations, those that runtimes have on record, and those of which only leases are left; and what could not be
  /// read.
  static func all(_ configurations: String?) throws -> (networks: [LeasedNetwork], problems: [String]) {
    var networks: [LeasedNetwork] = [], problems: [String] = []
    let path = configurations ?? getenv("NETCONFPATH").map { String(cString: $0) } ?? "/etc/cni/net.d"
    let (lists, faults) = try NetworkFolder(path).networks()
    problems += faults.map(\.description)
    var known = lists
    var entries: [CachedAttachment] = []
    do { entries = try ResultCache().entries() } catch { problems.append("\(error)") }
    for entry in entries where !known.contains(where: { $0.name == entry.network }) {
      guard case .object(let object)? = try? JSONValue(parsing: entry.configuration), let list = try? NetworkList(object) else { continue }
      known.append(list)
    }
    for list in known {
      for plugin in list.plugins {
        guard case .object(let section)? = plugin.json["ipam"], section["type"] == "host-local" else { continue }
        var configuration = plugin.json
        configuration["name"] = .string(list.name)
        configuration["cniVersion"] = .string("\(list.version)")
        do {
          let (plan, folder) = try HostLocalPlugin.plan(configuration)
          networks.append(LeasedNetwork(name: list.name, folder: folder, plan: plan, leases: try LeaseStore.leases(in: folder)))
        } catch { problems.append("network \(list.name): \(error)") }
      }
    }
    for folder in LeaseAudit.defaultNetworks() where !networks.contains(where: { $0.folder == folder }) {
      guard let leases = try? LeaseStore.leases(in: folder) else { continue }
      networks.append(LeasedNetwork(name: String(folder.split(separator: "/").last ?? ""), folder: folder, plan: nil, leases: leases))
    }
    return (networks.sorted { $0.name < $1.name }, problems)
  }

  /// The network with a name.
  static func named(_ name: String, among networks: [LeasedNetwork]) throws -> LeasedNetwork {
    if let network = networks.first(where: { $0.name == name }) { return network }
    let near = NearMatches.sentence(for: name, among: networks.map(\.name))
    throw Problem("no network with addresses of host-local is called \(Terminal.plain(name))\(near)", .usage)
  }

  /// Its pools with their sets' numbers.
  var pools: [(set: Int, pool: AddressPool)] {
    (plan?.sets ?? []).enumerated().flatMap { number, set in set.pools.map { (number, $0) } }
  }

  /// How many addresses a pool can hand out: all but the gateway.
  static func size(of pool: AddressPool) -> UInt128 { pool.range.count - (pool.range.contains(pool.gateway) ? 1 : 0) }

  /// The set of the plan that hands out an address, by its number.
  func set(containing address: IPAddress) -> Int? { plan?.sets.firstIndex { $0.pool(containing: address) != nil } }

  /// The owner that `ipam reserve` writes down.
  static func reservation(_ reason: String) -> LeaseOwner {
    LeaseOwner(containerID: "\(LeaseAudit.reservationPrefix)\(reason)", ifname: "-")
  }
}
