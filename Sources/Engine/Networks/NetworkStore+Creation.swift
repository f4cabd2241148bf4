internal import Addresses
internal import CNI
internal import JSON
internal import Linux
internal import Netlink
internal import Routing

extension NetworkStore {
  /// Writes a list for a new network, which any runtime can use. Throws in docker's words if the name is taken or the options make no sense.
  public func create(_ options: NetworkOptions) throws -> Network {
    guard Identifier.isValid(options.name) else {
      throw EngineError("invalid network name \"\(options.name)\": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    }
    if ["host", "none", NetworkStore.defaultName, NetworkStore.defaultListName].contains(options.name) {
      throw EngineError("operation is not permitted on predefined \(options.name) network")
    }
    let lock = try lock()
    let present = try networks()
    if present.contains(where: { $0.name == options.name }) { throw EngineError("network with name \(options.name) already exists") }
    let id = ContainerIdentifier.random()
    let plan = try NetworkPlan(options, id: id, present)
    // Another runtime may have it, or it comes later; a container is refused then.
    for type in plan.pluginTypes where PluginPath(places.plugins).find(type) == nil {
      Log.warning("network \(options.name): its plugin \"\(type)\" is not in CNI_PATH (\(places.plugins))")
    }
    let network = try write(plan.list, file: "\(options.name).conflist")
    withExtendedLifetime(lock) {}
    return network
  }

  /// Writes the list of the default network, unless somebody else has just done so.
  func createDefault() throws -> Network {
    let lock = try lock()
    if let network = try find(NetworkStore.defaultName) { return network }
    let network = try write(NetworkPlan.defaultList, file: "10-containers.conflist")
    withExtendedLifetime(lock) {}
    return network
  }

  /// Removes what plugins leave of a network that no runtime uses any more: its bridge, unless somebody else has a port there, and its folder of
  /// addresses.
  func removeLeftovers(of network: Network) throws {
    // host-local's folder; another IPAM plugin has none there.
    let leases = "/var/lib/cni/networks/\(network.list.name)"
    try FileSystem.removeTree(leases)
    guard let bridge = network.bridge else { return }
    var routes = try RouteSocket()
    guard let link = try routes.link(named: bridge), link.bridge != nil, try routes.links(masterIndex: link.index).isEmpty else { return }
    try routes.perform(.delete(.index(link.index)))
  }

  private func write(_ list: JSONObject, file: String) throws -> Network {
    let path = "\(places.networks)/\(file)", parsed = try NetworkList(list)
    try FileSystem.createFolders(places.networks)
    do { try FileSystem.create(path, content: Array((JSONValue.object(list).indented() + "\n").utf8)) } catch {
      guard error.code == .exists else { throw error }
      throw EngineError("\(path) is there already, and is the list of another network")
    }
    return try Network(parsed, path: path)
  }
}
