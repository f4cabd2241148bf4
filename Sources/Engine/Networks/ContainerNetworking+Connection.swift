internal import CNI
internal import Linux

/// `network connect` and `network disconnect`.
extension ContainerNetworking {
  /// Attaches a container to one more network: now if it runs, else at its next start.
  ///
  /// The wish is recorded before the first plugin runs, so that whatever a killed command has done goes with the container's end.
  public static func connect(
    _ id: String, to name: String, aliases: [String] = [], addresses: [String] = [], driverOptions: [String] = [],
    in containers: ContainerStore
  ) throws {
    var asked = NetworkWish(name: name)
    (asked.aliases, asked.addresses, asked.driverOptions) = (aliases, addresses, driverOptions)
    var wish = AttachedNetwork()
    try containers.update(id) { record in
      try refuseStarting(record, containers)
      // A wish without addresses is of a command that was killed.
      if record.networkNamespacePath != nil { record.networks.removeAll { $0.addresses.isEmpty && $0.network == name } }
      wish = try ContainerNetworking(record, in: containers).checked(asked)
      record.networks.append(wish)
    }
    do {
      try containers.update(id) { record in
        // It may have ended, or been started with the wish, in between.
        guard let path = record.networkNamespacePath,
          let position = record.networks.firstIndex(where: { $0.network == wish.network && $0.addresses.isEmpty })
        else { return }
        var networking = ContainerNetworking(record, in: containers)
        try networking.attach(position, namespacePath: path)
        record = networking.record
      }
    } catch {
      // It may have been removed meanwhile.
      _ = try? containers.update(id) { record in record.networks.removeAll { $0.network == wish.network && $0.addresses.isEmpty } }
      throw error
    }
  }

  /// Takes a container off a network, running or not.
  public static func disconnect(_ id: String, from name: String, in containers: ContainerStore) throws {
    try containers.update(id) { record in
      try refuseStarting(record, containers)
      var networking = ContainerNetworking(record, in: containers)
      try networking.disconnect(name, namespacePath: record.networkNamespacePath)
      record.networks = networking.record.networks
    }
  }

  /// What is asked for by `network connect`, checked.
  private func checked(_ wish: NetworkWish) throws -> AttachedNetwork {
    let name = wish.name
    guard try NetworkMode(record.options.networks) == .networks else {
      throw EngineError("container sharing network namespace with another container or host cannot be connected to any other network")
    }
    if name == "host" { throw EngineError("container cannot be disconnected from host network or connected to host network") }
    if name == "none" {
      throw EngineError("container cannot be connected to multiple networks with one of the networks in private (none) mode")
    }
    let network = try networks.network(named: name)
    if record.networks.contains(where: { $0.network == network.name }) {
      throw EngineError("endpoint with name \(record.name) already exists in network \(network.name)")
    }
    let taken = Set(record.networks.map(\.interface))
    let interface = (0...).lazy.map { "eth\($0)" }.first { !taken.contains($0) } ?? ""
    return try wish.attachment(to: network, interface)
  }

  /// Attaches a running container to one of the networks in its record.
  private mutating func attach(_ position: Int, namespacePath: String) throws {
    let targets = try links.isEmpty ? [] : linkTargets(), wanted = record.networks[position]
    let attached: AttachedNetwork
    do { (attached, _) = try attach(wanted, namespacePath, record.ports, targets) } catch {
      try? detach(wanted, namespacePath)
      throw error
    }
    record.networks[position] = attached
    let lock = try NetworkMember.lock(containers.places)
    try completeFiles(record.networks, [])
    try join(attached)
    try tellLinked(isGone: false)
    withExtendedLifetime(lock) {}
  }

  /// Takes a container off one network. `namespacePath` is nil if it does not run.
  private mutating func disconnect(_ name: String, namespacePath: String?) throws {
    // Also off a network whose list somebody has removed.
    let network = record.networks.contains { $0.network == name } ? name : try networks.network(named: name).name
    guard let position = record.networks.firstIndex(where: { $0.network == network }) else {
      throw EngineError("container \(record.id) is not connected to network \(network)")
    }
    try detach(record.networks[position], namespacePath)
    record.networks.remove(at: position)
    if namespacePath != nil {
      let lock = try NetworkMember.lock(containers.places)
      try completeFiles(record.networks, [])
      try tellLinked(isGone: false)
      withExtendedLifetime(lock) {}
    }
  }

  /// Its supervisor has read the record, and works on what that said.
  private static func refuseStarting(_ record: ContainerRecord, _ containers: ContainerStore) throws {
    guard !record.status.process.isRunning, ContainerClaim.isHeld(record.id, in: containers.places) else { return }
    throw EngineError("container \(record.name) is starting, wait until it is running")
  }
}
