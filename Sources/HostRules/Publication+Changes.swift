import Addresses

extension PublishedPort {
  /// Whether some address is meant by both.
  func sharesAddress(with other: PublishedPort) -> Bool {
    guard let own = hostAddress, let theirs = other.hostAddress else { return true }
    return own.family == theirs.family && (own == theirs || own.isUnspecified || theirs.isUnspecified)
  }

  /// What is below and above some of the host's ports.
  public func leavingOut(_ numbers: ClosedRange<UInt16>) -> [PublishedPort] {
    guard hostPorts.overlaps(numbers) else { return [self] }
    var rest: [PublishedPort?] = []
    if hostPorts.lowerBound < numbers.lowerBound { rest.append(part(hostPorts.lowerBound...(numbers.lowerBound - 1))) }
    if hostPorts.upperBound > numbers.upperBound { rest.append(part((numbers.upperBound + 1)...hostPorts.upperBound)) }
    return rest.compactMap { $0 }
  }

  /// Some of the host's ports alone, with where they lead; nil if they are not among them.
  public func part(_ numbers: ClosedRange<UInt16>) -> PublishedPort? {
    guard hostPorts.lowerBound <= numbers.lowerBound, numbers.upperBound <= hostPorts.upperBound else { return nil }
    return PublishedPort(
      transport, hostAddress: hostAddress, hostPorts: numbers, containerPort: containerPort + (numbers.lowerBound - hostPorts.lowerBound),
      sources: sources)
  }
}

extension Publication {
  /// The same with other ports.
  public func with(_ ports: [PublishedPort]) -> Publication {
    Publication(containers: containers, ports: ports, sourceTranslation: sourceTranslation, conditions: conditions)
  }

  /// The same without some of the host's ports, of all that share an address with `taken`.
  public func leavingOut(_ numbers: ClosedRange<UInt16>, _ taken: PublishedPort) -> Publication {
    with(
      ports.flatMap { port -> [PublishedPort] in
        port.transport == taken.transport && port.sharesAddress(with: taken) ? port.leavingOut(numbers) : [port]
      })
  }
}
