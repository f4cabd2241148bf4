import Addresses
public import CNI
public import HostRules
import Linux

extension PortmapPlugin {
  /// How a container with this result publishes ports that are not in its configuration: with the configuration's translation and conditions.
  public func publication(of ports: [PublishedPort], _ request: PluginRequest, _ result: CNIResult) -> Publication {
    Publication(
      containers: ContainerAddresses(result, interface: request.attachment.interfaceName).all, ports: ports,
      sourceTranslation: configuration.sourceTranslation, conditions: configuration.conditions)
  }

  /// The same without a configuration.
  public static func publication(of ports: [PublishedPort], interface: String, _ result: CNIResult) -> Publication {
    Publication(containers: ContainerAddresses(result, interface: interface).all, ports: ports)
  }

  /// Gives attachments that are running other published ports, in one transaction. `gained` and `lost` are what is new and what is gone.
  ///
  /// Throws a `PortConflict` that names the holder, or a CNI error that names the process that listens; then nothing has changed.
  public static func republish(_ changes: [Owner: Publication?], gained: [Owner: Publication], lost: [Publication]) throws {
    for (owner, publication) in gained {
      if let obstacle = try listeners(inTheWayOf: publication, containerID: owner.containerID).first {
        throw CNIError(.other, obstacle.description)
      }
      try LocalEntrance(publication).open()
    }
    var rules = try HostRules()
    try rules.republish(changes)
    do {
      for publication in lost { try StaleConnections.remove(after: publication, &rules) }
      for publication in gained.values { try StaleConnections.remove(before: publication, &rules) }
    } catch { Log.warning("stale connections are still tracked: \(error)") }
  }

  /// The same for ports that change hands: the listeners that the old holder has put up with do not matter, and what is tracked stays.
  public static func move(_ changes: [Owner: Publication?], to gained: Publication) throws {
    try LocalEntrance(gained).open()
    var rules = try HostRules()
    try rules.republish(changes)
  }
}
