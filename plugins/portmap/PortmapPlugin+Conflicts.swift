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
    var diagnostics = try SocketDiagnostics()
    for transport in TransportProtocol.allCases {
      let ports = publication.ports.filter { $0.transport == transport }
      if ports.isEmpty { continue }
      for listener in try diagnostics.listeners(transport, ports: ports.map(\.hostPorts)) {
        guard let port = ports.first(where: { publication.covers(listener, $0) }) else { continue }
        let owners = try SocketOwner.holding([listener.inode])
        if owners.contains(where: { $0.names(attachment.containerID) }) { continue }
        let holder = owners.first.map { "process \($0.process) (\($0.command))" } ?? "a process that cannot be seen from here"
        try refuse("\(port.naming(listener.port)) cannot be published: \(holder) listens on \(listener)", attachment.description)
        publication = publication.leavingOut(listener.port...listener.port, port)
      }
    }
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

  /// The same without some of the host's ports, of all that share an address with `taken`.
  fileprivate func leavingOut(_ numbers: ClosedRange<UInt16>, _ taken: PublishedPort) -> Publication {
    let left = ports.flatMap { port -> [PublishedPort] in
      port.transport == taken.transport && port.sharesAddress(with: taken) ? port.leavingOut(numbers) : [port]
    }
    return Publication(containers: containers, ports: left, sourceTranslation: sourceTranslation, conditions: conditions)
  }
}

extension PublishedPort {
  /// The same as one port alone.
  fileprivate func naming(_ number: UInt16) -> PublishedPort {
    PublishedPort(transport, hostAddress: hostAddress, hostPorts: number...number, containerPort: containerPort) ?? self
  }

  fileprivate func sharesAddress(with other: PublishedPort) -> Bool {
    guard let own = hostAddress, let theirs = other.hostAddress else { return true }
    return own.family == theirs.family && (own == theirs || own.isUnspecified || theirs.isUnspecified)
  }

  /// What is below and above the numbers.
  fileprivate func leavingOut(_ numbers: ClosedRange<UInt16>) -> [PublishedPort] {
    guard hostPorts.overlaps(numbers) else { return [self] }
    var rest: [PublishedPort?] = []
    if hostPorts.lowerBound < numbers.lowerBound {
      rest.append(
        PublishedPort(
          transport, hostAddress: hostAddress, hostPorts: hostPorts.lowerBound...(numbers.lowerBound - 1), containerPort: containerPort))
    }
    if hostPorts.upperBound > numbers.upperBound {
      let first = numbers.upperBound + 1
      rest.append(
        PublishedPort(
          transport, hostAddress: hostAddress, hostPorts: first...hostPorts.upperBound,
          containerPort: containerPort + (first - hostPorts.lowerBound)))
    }
    return rest.compactMap { $0 }
  }
}
