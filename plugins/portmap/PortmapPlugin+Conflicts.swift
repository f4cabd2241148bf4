import Addresses
import CNI
import HostRules
import Linux
import Sockets

extension PortmapPlugin {
  /// Publishes, and answers for a port that another container holds with an error that names it; or, if the configuration says so, leaves
  /// the port out with a line in the log.
  func publish(_ publication: inout Publication, for owner: Owner, _ rules: inout HostRules) throws {
    while true {
      do { return try rules.add([.publication(publication)], for: owner) } catch let conflict as PortConflict {
        try refuse(conflict.description, owner.label)
        publication = publication.leavingOut(conflict.overlap, conflict.port)
        if publication.ports.isEmpty { return try rules.remove([.publication], of: owner) }
      }
    }
  }

  /// Throws if a process of the host waits on one of the ports at an address that is to be published: it would not be reached any more.
  ///
  /// A process whose command line names this container is its runtime, which holds the port so that nobody else takes it.
  func refuseListeners(_ publication: inout Publication, _ attachment: Attachment) throws {
    for obstacle in try PortmapPlugin.listeners(inTheWayOf: publication, containerID: attachment.containerID) {
      try refuse(obstacle.description, attachment.description)
      publication = publication.leavingOut(obstacle.listener.port...obstacle.listener.port, obstacle.port)
    }
  }

  /// The processes that would not be reached any more, those that name the container left out.
  static func listeners(
    inTheWayOf publication: Publication, containerID: String
  ) throws -> [(listener: Listener, port: PublishedPort, description: String)] {
    var diagnostics = try SocketDiagnostics(), found: [(listener: Listener, port: PublishedPort, description: String)] = []
    for transport in TransportProtocol.allCases {
      let ports = publication.ports.filter { $0.transport == transport }
      if ports.isEmpty { continue }
      for listener in try diagnostics.listeners(transport, ports: ports.map(\.hostPorts)) {
        guard let port = ports.first(where: { publication.covers(listener, $0) }) else { continue }
        let owners = try SocketOwner.holding([listener.inode])
        if owners.contains(where: { $0.names(containerID) }) { continue }
        let holder = owners.first.map { "process \($0.process) (\($0.command))" } ?? "a process that cannot be seen from here"
        found.append((listener, port, "\(port.naming(listener.port)) cannot be published: \(holder) listens on \(listener)"))
      }
    }
    return found
  }

  /// An error, or a line in the log if the configuration says so.
  private func refuse(_ sentence: String, _ whose: String) throws(CNIError) {
    guard configuration.toleratesConflicts else { throw CNIError(.other, sentence) }
    Log.warning("\(whose): \(sentence); it is left out")
  }
}

extension SocketOwner {
  /// Whether one of the arguments is the container's ID, alone or as an option's value.
  fileprivate func names(_ containerID: String) -> Bool {
    arguments.contains { $0 == containerID || $0.hasSuffix("=\(containerID)") }
  }
}

extension PortConflict {
  /// The ports that both want.
  fileprivate var overlap: ClosedRange<UInt16> { port.hostPorts.clamped(to: held.hostPorts) }
}

extension Publication {
  /// Whether the listener would lose packets to one of these ports.
  fileprivate func covers(_ listener: Listener, _ port: PublishedPort) -> Bool {
    port.transport == listener.transport && port.hostPorts.contains(listener.port)
      && containers.contains { container in
        guard port.hostAddress == nil || port.hostAddress?.family == container.family else { return false }
        return listener.overlaps(port.hostAddress ?? IPAddress(container.family, 0))
      }
  }
}

extension PublishedPort {
  /// The same as one port alone.
  fileprivate func naming(_ number: UInt16) -> PublishedPort {
    PublishedPort(transport, hostAddress: hostAddress, hostPorts: number...number, containerPort: containerPort) ?? self
  }
}
