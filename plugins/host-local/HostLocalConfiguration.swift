import Addresses
import CNI
import IPAM
import JSON

/// The keys of the `host-local` plugin, decoded and valid.
struct HostLocalConfiguration {
  /// What addresses there are.
  let plan: AddressPlan
  /// The addresses that the runtime asks for, in the order of their sources.
  let requested: [IPAddress]
  /// The routes of every container.
  let routes: [ResultRoute]
  /// The folder with the network's leases.
  let leaseFolder: String
  /// A resolv.conf(5) that says where containers resolve names.
  let resolverFile: String?
  /// What becomes of leases of before a reboot.
  let rebootPolicy: RebootPolicy

  /// Where leases are kept unless `dataDir` says otherwise.
  private static var defaultDataFolder: String { "/var/lib/cni/networks" }

  init(_ request: PluginRequest) throws(CNIError) {
    let configuration = request.configuration
    guard let ipam = try configuration.ipam() else { throw CNIError(.invalidConfiguration, "IPAM config missing 'ipam' key") }
    requested = try HostLocalConfiguration.requested(request)
    let sets = try HostLocalConfiguration.sets(configuration, ipam)
    if configuration.version < .v030 && AddressPlan.hasSeveralOfOneFamily(sets) {
      throw CNIError(
        .invalidConfiguration, "CNI version \(configuration.version) does not support more than 1 address per family")
    }
    do { plan = try AddressPlan(sets) } catch { throw CNIError(.invalidConfiguration, error.description) }
    var routes: [ResultRoute] = []
    for entry in try ipam.objects("routes") ?? [] { routes.append(try ResultRoute(entry)) }
    self.routes = routes
    leaseFolder = "\(try ipam.string("dataDir") ?? HostLocalConfiguration.defaultDataFolder)/\(configuration.name)"
    resolverFile = try ipam.string("resolvConf")
    rebootPolicy = try ipam.flag("keepLeasesAcrossReboots") ? .keep : .reclaim
  }

  /// The addresses of IP in CNI_ARGS, of args.cni.ips and of runtimeConfig.ips, each with or without a prefix length.
  private static func requested(_ request: PluginRequest) throws(CNIError) -> [IPAddress] {
    var values: [ConfigurationValue] = []
    // MAC is an argument of the plugin that calls us, which gets the same CNI_ARGS.
    if let text = try request.arguments.values(known: ["IP", "MAC"])["IP"], !text.isEmpty {
      values.append(ConfigurationValue(.string(text), path: "CNI_ARGS IP"))
    }
    values += try request.configuration.arguments().list("ips") ?? []
    values += try request.configuration.runtimeConfig().list("ips") ?? []
    var addresses: [IPAddress] = []
    for value in values {
      let hasPrefix = try value.string().utf8.contains(UInt8(ascii: "/"))
      addresses.append(hasPrefix ? try value.subnet().address : try value.address())
    }
    return addresses
  }

  /// The range sets in the order of a result's addresses: those of the runtime, the single range of old configurations, `ranges`.
  private static func sets(_ configuration: NetworkConfiguration, _ ipam: ConfigurationObject) throws(CNIError) -> [RangeSet] {
    var lists: [[ConfigurationObject]] = []
    for list in try configuration.runtimeConfig().list("ipRanges") ?? [] { lists.append(try objects(list)) }
    if try ipam.subnet("subnet") != nil { lists.append([ipam]) }
    for list in try ipam.list("ranges") ?? [] { lists.append(try objects(list)) }
    var sets: [RangeSet] = []
    for (number, list) in lists.enumerated() { sets.append(try set(list, number)) }
    return sets
  }

  private static func objects(_ list: ConfigurationValue) throws(CNIError) -> [ConfigurationObject] {
    var objects: [ConfigurationObject] = []
    for entry in try list.list() { objects.append(try entry.object()) }
    return objects
  }

  private static func set(_ ranges: [ConfigurationObject], _ number: Int) throws(CNIError) -> RangeSet {
    func valid<Value>(_ body: () throws(RangeError) -> Value) throws(CNIError) -> Value {
      do { return try body() } catch {
        throw CNIError(.invalidConfiguration, "invalid range set \(number): \(error)")
      }
    }
    var pools: [AddressPool] = []
    for range in ranges {
      guard let subnet = try range.subnet("subnet") else {
        throw CNIError(missingField: range.path(of: "subnet"), expected: "a network (10.1.2.0/24)")
      }
      let first = try range.address("rangeStart"), last = try range.address("rangeEnd"), gateway = try range.address("gateway")
      pools.append(
        try valid { () throws(RangeError) in try AddressPool(subnet: subnet, first: first, last: last, gateway: gateway) })
    }
    return try valid { () throws(RangeError) in try RangeSet(pools) }
  }
}
