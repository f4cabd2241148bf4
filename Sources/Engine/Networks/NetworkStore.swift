public import CNI
internal import JSON
internal import Linux
internal import Wording

/// The networks of a host: the lists in a CNI configuration folder.
public struct NetworkStore: Sendable {
  /// How people call the network of containers that name none.
  public static var defaultName: String { "bridge" }
  /// The name of its list.
  public static var defaultListName: String { "containers" }

  /// Where everything is.
  public let places: Places

  /// Opens the store; nothing is created.
  public init(_ places: Places) { self.places = places }

  /// The runtime that runs the plugins.
  public var runtime: Runtime { Runtime(pluginPath: PluginPath(places.plugins)) }

  /// All networks, the default one first, then by name. Files that cannot be read are named on the standard error.
  public func networks() throws -> [Network] {
    var networks: [Network] = []
    for file in try files() {
      do {
        let network = try Network(NetworkFolder.list(at: file), path: file)
        if !networks.contains(where: { $0.list.name == network.list.name }) && !network.isLoopback { networks.append(network) }
      } catch { Log.warning("\(file): \(error)") }
    }
    return networks.sorted { ($0.isDefault ? 0 : 1, $0.name) < ($1.isDefault ? 0 : 1, $1.name) }
  }

  /// The network with a name, or with an ID that begins so. The default network is made if it is missing.
  public func network(named name: String) throws -> Network {
    if let network = try find(name) { return network }
    if name == NetworkStore.defaultName || name == NetworkStore.defaultListName { return try createDefault() }
    let networks = try networks()
    let matches = networks.filter { name.utf8.count >= 3 && $0.id.hasPrefix(name) }
    // It is listed with an ID before it has a list.
    if matches.isEmpty, name.utf8.count >= 3, Network.id(ofName: NetworkStore.defaultListName).hasPrefix(name) {
      return try createDefault()
    }
    if matches.count > 1 { throw EngineError("network \(name) is ambiguous (\(matches.count) matches found on ID prefix)") }
    if let match = matches.first { return match }
    let names = networks.map(\.name) + [NetworkStore.defaultName, "host", "none"]
    throw EngineError("network \(name) not found\(NearMatches.sentence(for: name, among: names))")
  }

  /// Removes a network that no container is attached to, with its bridge.
  public func remove(_ name: String) throws {
    if ["host", "none", NetworkStore.defaultName].contains(name) {
      throw EngineError("\(name) is a pre-defined network and cannot be removed")
    }
    let lock = try lock()
    let network = try network(named: name)
    if network.isDefault { throw EngineError("\(name) is a pre-defined network and cannot be removed") }
    guard network.isOwn else {
      throw EngineError("network \(network.name) was not made by berth; its list is the file \(network.path)")
    }
    try refuseActive(network)
    // A plugin that is not installed has left nothing here.
    if network.list.plugins.allSatisfy({ runtime.pluginPath.find($0.type) != nil }) {
      try runtime.collectGarbage(network.list, keeping: [])
    }
    try FileSystem.remove(network.path)
    try removeLeftovers(of: network)
    withExtendedLifetime(lock) {}
  }

  /// Removes all networks that berth has made and no container is to be attached to, running or not; answers their names.
  public func prune(_ containers: ContainerStore) throws -> [String] {
    let used = Set(try containers.records().flatMap { $0.networks.map(\.network) })
    return try networks().filter { $0.isOwn && !$0.isDefault && !used.contains($0.name) }.compactMap { network in
      if try isActive(network) { return nil }
      try remove(network.name)
      return network.name
    }
  }

  /// Whether no network has this name or an ID that begins so.
  public func isMissing(_ name: String) throws -> Bool {
    try find(name) == nil && !networks().contains { $0.id.hasPrefix(name) }
  }

  /// Serializes what changes the set of networks.
  func lock() throws -> FileLock {
    try FileSystem.createFolders(places.run)
    return try FileLock("\(places.run)/networks.lock")
  }

  /// The network with exactly this name, read without reading the lists after it; nil if there is none.
  public func find(_ name: String) throws -> Network? {
    let wanted = name == NetworkStore.defaultName ? [NetworkStore.defaultListName, name] : [name]
    for file in try files() {
      // What is not a list is not the one that is asked for.
      guard let list = try? NetworkFolder.list(at: file), wanted.contains(list.name) else { continue }
      return try Network(list, path: file)
    }
    return nil
  }

  private func isActive(_ network: Network) throws -> Bool {
    try !NetworkMember.all(of: network.name, places).isEmpty || !runtime.cache.entries(of: network.list.name).isEmpty
  }

  private func refuseActive(_ network: Network) throws {
    let members = try NetworkMember.all(of: network.name, places)
    let active = members.map { "name:\"\($0.name)\" id:\"\($0.id.prefix(12))\"" }
    let others = try runtime.cache.entries(of: network.list.name).map(\.request.containerID)
      .filter { id in !members.contains { $0.id == id } }.map { "id:\"\($0.prefix(12))\"" }
    if active.isEmpty && others.isEmpty { return }
    throw EngineError(
      "error while removing network: network \(network.name) id \(network.id) has active endpoints (\((active + others).joined(separator: ", ")))"
    )
  }

  private func files() throws -> [String] {
    let names: [String]
    do { names = try FileSystem.names(in: places.networks).filter { !$0.hasPrefix(".") }.sorted() } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
    let lists = names.filter { $0.hasSuffix(".conflist") }, single = names.filter { $0.hasSuffix(".conf") || $0.hasSuffix(".json") }
    return (lists + single).map { "\(places.networks)/\($0)" }
  }
}

extension Network {
  /// Whether the list is for the loopback interface, which is no network.
  fileprivate var isLoopback: Bool { list.plugins.allSatisfy { $0.type == "loopback" } }
}
