internal import Addresses
internal import JSON
internal import Linux

extension ContainerNetworking {
  /// The variables of docker's links, `ALIAS_PORT=tcp://…`, for the container's environment. Throws if a linked container does not run.
  public func linkEnvironment() throws -> [String] { try linkTargets().flatMap { $0.environment(source: record.name) } }

  var links: [ContainerLink] { record.links.compactMap { ContainerLink($0) } }

  /// The containers that this one is linked to. Throws in docker's words if one does not run, or is on no network of this one's.
  func linkTargets() throws -> [LinkTarget] {
    try links.map { link in
      guard let target = try containers.record(link.targetID) else {
        throw EngineError("Cannot link to a removed container: \(link.targetID.prefix(12)) AS /\(record.name)/\(link.alias)")
      }
      let isAttached = try target.networks.contains { try NetworkMember.find(target.id, on: $0.network, containers.places) != nil }
      guard isAttached else {
        throw EngineError("Cannot link to a non running container: /\(target.name) AS /\(record.name)/\(link.alias)")
      }
      let found = try linkTarget(link, target)
      guard !found.addresses.isEmpty else {
        let names = record.networks.map(\.network).joined(separator: ", ")
        throw EngineError("Cannot link to /\(target.name), as it does not belong to a network of this container (\(names))")
      }
      return found
    }
  }

  private func linkTarget(_ link: ContainerLink, _ target: ContainerRecord) throws -> LinkTarget {
    let addresses = try record.networks.flatMap { try NetworkMember.find(target.id, on: $0.network, containers.places)?.addresses ?? [] }
    return LinkTarget(
      link: link, record: target, addresses: addresses, ports: try ContainerPort.exposed(target.options, target.imageDefaults))
  }

  /// What the capability `links` gets: whom the container may ask on a network whose containers are kept apart, and for which ports.
  func linkValues(_ targets: [LinkTarget]) -> JSONValue? {
    if targets.isEmpty { return nil }
    return .array(
      targets.map { target in
        let ports = target.ports.map { port -> JSONValue in
          ["port": .integer(Int64(port.number)), "protocol": .string(port.transport.rawValue)]
        }
        return ["containerID": .string(target.record.id), "ports": .array(ports)]
      })
  }

  /// Has the hosts files of running containers that are linked to this one say where it is now, or nothing when it is gone.
  func tellLinked(isGone: Bool) throws {
    for (source, links) in try ContainerLink.sources(of: record.id, containers.places) {
      guard let sourceRecord = try containers.record(source) else { continue }
      let other = ContainerNetworking(sourceRecord, in: containers), file = HostsFile(folder: containers.places.container(source))
      for link in links { try file.replace(link.mark, with: isGone ? [] : other.linkTarget(link, record).hostsLines) }
    }
  }
}
