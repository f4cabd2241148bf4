internal import Glibc

extension ContainerNetworking {
  /// Reads and checks everything that a new container's options say about networks, ports, names and links, and answers the networks and the
  /// links (`ID:alias`) for its record. Throws in docker's words.
  public static func plan(_ options: RunOptions, in containers: ContainerStore) throws -> (networks: [AttachedNetwork], links: [String]) {
    let mode = try NetworkMode(options.networks)
    if let conflict = conflict(mode, options) { throw EngineError("conflicting options: \(conflict)", exitCode: 125) }
    for text in options.publications { _ = try PortBinding.parse(text) }
    for text in options.exposedPorts { _ = try ContainerPort.exposed(text) }
    try NameSettings.validate(options)
    if case .container(let name) = mode { _ = try containers.find(name) }
    let links = try options.links.map { try link($0, containers) }
    guard mode == .networks else { return ([], links) }
    guard geteuid() == 0 else {
      throw EngineError(
        "an ordinary user cannot connect containers to networks: use --network none or host, or run berth in a user and network namespace "
          + "(unshare --map-root-user --net --mount)", exitCode: 125)
    }
    return (try attachments(options, NetworkStore(containers.places)), links)
  }

  /// What a mode makes impossible.
  private static func conflict(_ mode: NetworkMode, _ options: RunOptions) -> String? {
    switch mode {
    case .networks: return nil
    case .none:
      return options.links.isEmpty ? nil : "container without a network can't be used with links"
    case .host:
      if !options.links.isEmpty { return "host type networking can't be used with links. This would result in undefined behavior" }
      return options.hardwareAddress == nil ? nil : "mac-address and the network mode"
    case .container:
      if options.hostName != nil { return "hostname and the network mode" }
      if !options.links.isEmpty { return "container type network can't be used with links. This would result in undefined behavior" }
      if !options.nameServers.isEmpty { return "dns and the network mode" }
      if !options.additionalHosts.isEmpty { return "custom host-to-IP mapping and the network mode" }
      if options.hardwareAddress != nil { return "mac-address and the network mode" }
      if !options.publications.isEmpty || options.publishesAll { return "port publishing and the container type network mode" }
      return options.exposedPorts.isEmpty ? nil : "port exposing and the container type network mode"
    }
  }

  private static func attachments(_ options: RunOptions, _ store: NetworkStore) throws -> [AttachedNetwork] {
    var wishes = try (options.networks.isEmpty ? [NetworkStore.defaultName] : options.networks).map { try NetworkWish($0) }
    // The options of their own are for the first network, as docker has it.
    wishes[0].aliases += options.networkAliases
    wishes[0].addresses += [options.address4, options.address6].compactMap { $0 }
    wishes[0].hardwareAddress = wishes[0].hardwareAddress ?? options.hardwareAddress
    var attachments: [AttachedNetwork] = []
    for (position, wish) in wishes.enumerated() {
      let network = try store.network(named: wish.name)
      if attachments.contains(where: { $0.network == network.name }) {
        throw EngineError("network \"\(network.name)\" is specified multiple times", exitCode: 125)
      }
      attachments.append(try wish.attachment(to: network, "eth\(position)"))
    }
    return attachments
  }

  /// Reads `name[:alias]`.
  private static func link(_ text: String, _ containers: ContainerStore) throws -> String {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard (1...2).contains(parts.count), !parts[0].isEmpty, parts.last?.isEmpty == false else {
      throw EngineError("bad format for links: \(text)", exitCode: 125)
    }
    let target: ContainerRecord
    do { target = try containers.find(parts[0]) } catch let error as EngineError {
      throw EngineError("could not get container for \(parts[0]): \(error)", exitCode: 125)
    }
    if let mode = try? NetworkMode(target.options.networks), mode == .host {
      throw EngineError(
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior", exitCode: 125)
    }
    let alias = parts.count == 2 ? parts[1] : target.name
    guard NameSettings.isHostName(alias) else { throw EngineError("invalid link alias: \"\(alias)\"", exitCode: 125) }
    return "\(target.id):\(alias)"
  }
}
