internal import Addresses
internal import CNI
internal import JSON
internal import Linux

/// Connects one container to its networks and takes it off them again: what the supervisor, `network connect` and `rm -f` call.
///
/// Nothing here changes the container's record: what `attach`, `connect` and `disconnect` answer is for it. The files `hosts`, `hostname` and
/// `resolv.conf` in the container's folder are to be bound to those of /etc in the container; they are rewritten in place. Whoever calls sees to
/// it that no two calls concern one container at once.
public struct ContainerNetworking: Sendable {
  /// The container: `networks` says what it is attached to, or is to be attached to.
  public var record: ContainerRecord
  /// All containers.
  public let containers: ContainerStore
  /// All networks.
  public let networks: NetworkStore

  /// Opens the networking of a container; nothing happens.
  public init(_ record: ContainerRecord, in containers: ContainerStore) {
    self.record = record
    self.containers = containers
    networks = NetworkStore(containers.places)
  }

  /// How often ports are chosen again when somebody else was faster.
  private static let attempts = 8

  /// Attaches the container to all its networks and publishes its ports; after a failure nothing is left.
  ///
  /// With `none`, `host` and `container:NAME` there is nothing to do: the loopback interface is switched on by the container's init.
  public mutating func attach(namespacePath: String) throws -> (networks: [AttachedNetwork], ports: [PublishedPort]) {
    if record.networks.isEmpty { return ([], []) }
    let bindings = try PortBinding.all(record.options, record.imageDefaults), targets = try linkTargets()
    for attempt in 1... {
      let ports = try PortBinding.choose(bindings)
      do {
        try attach(namespacePath, ports, targets)
        return (record.networks, ports)
      } catch {
        try? detach()
        // A port that was free when it was chosen may be taken by now; one that was asked for is not chosen again.
        guard attempt < ContainerNetworking.attempts, bindings.contains(where: \.isOpen), "\(error)".contains("published") else {
          throw error
        }
      }
    }
    preconditionFailure("the last attempt throws or returns")
  }

  private mutating func attach(_ namespacePath: String, _ ports: [PublishedPort], _ targets: [LinkTarget]) throws {
    var dns: [DNSConfiguration] = []
    for position in record.networks.indices {
      let (attached, settings) = try attach(record.networks[position], namespacePath, ports, targets)
      record.networks[position] = attached
      dns.append(settings)
    }
    try ContainerLink.note(links, from: record.id, containers.places)
    let lock = try NetworkMember.lock(containers.places)
    try completeFiles(record.networks, dns)
    let file = HostsFile(folder: containers.places.container(record.id))
    for target in targets { try file.replace(target.link.mark, with: target.hostsLines) }
    for network in record.networks { try join(network) }
    try tellLinked(isGone: false)
    withExtendedLifetime(lock) {}
  }

  /// Runs the plugins of one network, and enters its members.
  func attach(
    _ wanted: AttachedNetwork, _ namespacePath: String, _ ports: [PublishedPort], _ targets: [LinkTarget]
  ) throws -> (AttachedNetwork, DNSConfiguration) {
    let network = try enter(wanted), runtime = networks.runtime
    for plugin in network.list.plugins where runtime.pluginPath.find(plugin.type) == nil {
      throw EngineError(
        "cannot attach \(record.name) to network \(network.name): its plugin \"\(plugin.type)\" is not in CNI_PATH (\(runtime.pluginPath))",
        exitCode: 125)
    }
    var request = AttachmentRequest(containerID: record.id, interfaceName: wanted.interface, networkNamespacePath: namespacePath)
    request.capabilityValues = try capabilityValues(wanted, network, ports, targets)
    let attachment = Attachment(network: network.list.name, containerID: record.id, interfaceName: wanted.interface)
    // What somebody who was killed has left.
    if try runtime.cache.entry(of: attachment)?.result != nil { try runtime.delete(network.list, request) }
    let result: CNIResult
    do { result = try runtime.add(network.list, request) } catch { throw explained(error, network) }
    var attached = wanted
    let inside = result.interfaces.first { $0.sandbox != nil && $0.name == wanted.interface }
    attached.addresses = result.addresses.map { $0.address.description }
    attached.gateways = result.addresses.compactMap { $0.gateway?.description }
    attached.hardwareAddress = inside?.mac ?? ""
    attached.hostInterface = result.interfaces.first { $0.sandbox == nil }?.name ?? ""
    try member(attached).enter(attached.network, containers.places)
    return (attached, result.dns)
  }

  /// Looks a network up, and enters its members at the same time: from now on nobody removes it.
  private func enter(_ wanted: AttachedNetwork) throws -> Network {
    // Makes the default network if it is missing, which takes the lock too.
    _ = try networks.network(named: wanted.network)
    let lock = try networks.lock(), network = try networks.network(named: wanted.network)
    var present = wanted
    (present.addresses, present.hardwareAddress) = ([], "")
    try member(present).enter(wanted.network, containers.places)
    withExtendedLifetime(lock) {}
    return network
  }

  /// Takes the container off all networks, whatever of them is there; safe to call again. `namespacePath` is nil when the namespace has gone.
  public func detach(namespacePath: String? = nil) throws {
    var failure: (any Error)?
    for network in record.networks.reversed() {
      do { try detach(network, namespacePath) } catch { failure = failure ?? error }
    }
    try ContainerLink.forget(links, from: record.id, containers.places)
    if let failure { throw failure }
  }

  func detach(_ attached: AttachedNetwork, _ namespacePath: String?) throws {
    try leave(attached)
    let runtime = networks.runtime, network = try networks.find(attached.network)
    let list = network?.list.name ?? attached.network
    let attachment = Attachment(network: list, containerID: record.id, interfaceName: attached.interface)
    var request = AttachmentRequest(containerID: record.id, interfaceName: attached.interface, networkNamespacePath: "")
    var plugins = network?.list
    do {
      // Before the first plugin runs, an ADD is on record: without one there is nothing to take back.
      guard let entry = try runtime.cache.entry(of: attachment) else { return }
      request = entry.request
      // The list as it was then: meanwhile the network may have been changed or removed.
      if case .object(let json)? = try? JSONValue(parsing: entry.configuration) { plugins = try NetworkList(json) }
    } catch { Log.warning("\(attachment): \(error)") }
    request.networkNamespacePath = namespacePath ?? ""
    if let plugins { try runtime.delete(plugins, request) }
  }

  /// Runs CHECK for every network; throws with everything that is found wrong.
  public func check() throws {
    let faults = record.networks.compactMap { attached -> String? in
      do {
        let network = try networks.network(named: attached.network), runtime = networks.runtime
        let attachment = Attachment(network: network.list.name, containerID: record.id, interfaceName: attached.interface)
        guard let entry = try runtime.cache.entry(of: attachment) else { return "network \(attached.network): nothing is on record" }
        try runtime.check(network.list, entry.request)
        return nil
      } catch { return "\(error)" }
    }
    if !faults.isEmpty { throw EngineError("container \(record.name): \(faults.joined(separator: "; "))") }
  }

  private func capabilityValues(
    _ wanted: AttachedNetwork, _ network: Network, _ ports: [PublishedPort], _ targets: [LinkTarget]
  ) throws -> JSONObject {
    var values = JSONObject()
    if !ports.isEmpty {
      values["portMappings"] = .array(
        ports.map { port in
          [
            "hostPort": .integer(Int64(port.hostPort)), "containerPort": .integer(Int64(port.containerPort)),
            "protocol": .string(port.transport), "hostIP": .string(port.hostAddress),
          ]
        })
    }
    if !wanted.requestedAddresses.isEmpty { values["ips"] = .array(wanted.requestedAddresses.map { .string($0) }) }
    if !wanted.requestedHardwareAddress.isEmpty { values["mac"] = .string(wanted.requestedHardwareAddress) }
    values["bandwidth"] = try Bandwidth(wanted.driverOptions).json
    values["aliases"] = .object(JSONObject([(network.list.name, .array(([record.name] + wanted.aliases).map { .string($0) }))]))
    let dns = [
      ("servers", record.options.nameServers), ("searches", record.options.searchDomains), ("options", record.options.resolverOptions),
    ].filter { !$0.1.isEmpty }
    if !dns.isEmpty { values["dns"] = .object(JSONObject(dns.map { ($0.0, .array($0.1.map { .string($0) })) })) }
    values["links"] = linkValues(targets)
    return values
  }

  /// What a plugin said, with names in place of container IDs.
  private func explained(_ error: any Error, _ network: Network) -> any Error {
    guard let failures = (error as? RuntimeError)?.failures, let first = failures.first else {
      return EngineError("network \(network.name): \(error)", exitCode: 125)
    }
    var sentence = "\(first.error)"
    for id in (try? containers.ids()) ?? [] where sentence.contains(id) {
      if let other = try? containers.record(id) { sentence = sentence.replacing(id, with: other.name) }
    }
    let more = failures.dropFirst().map { "; \($0)" }.joined()
    return EngineError("cannot attach \(record.name) to network \(network.name): \(sentence)\(more)", exitCode: 125)
  }
}
