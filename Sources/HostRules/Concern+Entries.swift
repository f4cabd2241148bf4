import Addresses
import NFTables

extension Concern {
  /// The elements that belong to the owner alone. Elements that attachments share, the numbered ones, and those of links, which need two, are made
  /// where they are added.
  func entries(_ owner: Owner) -> [Entry] {
    let label = owner.label
    switch self {
    case .masquerade(let addresses):
      return addresses.flatMap { address -> [Entry] in
        let chain = Schema.masqueradeChainName(address.family, address.prefixLength)
        let key = Fields(.address(address.address))
        return [
          Entry(SetID.masqueradeFrom(address.family), Element(key, to: .verdict(.jump(chain)), comment: label)),
          Entry(
            SetID.inside(address.family),
            Element(Fields(.address(address.address), .address(address.networkAddress)), comment: label)),
        ]
      }
    case .publication(let publication):
      return publication.entries(label) + IPAddress.Family.allCases.flatMap { publication.conditionalEntries($0, owner) }
    case .isolation(let isolation):
      return [
        Entry(
          SetID.attached,
          Element(
            Fields(.interface(isolation.bridge), .mark(owner.number)), to: .verdict(isolation.policy.verdict), comment: label))
      ]
    case .links, .spoofCheck: return []
    }
  }

  /// The chains that packets for conditional ports pass, which belong to the owner alone.
  func gates(_ owner: Owner) -> [Schema.FilledChain] {
    guard case .publication(let publication) = self else { return [] }
    return publication.containers.map(\.family).filter { !publication.conditionalPorts($0).isEmpty }
      .map { Schema.gate(publication, $0, owner) }
  }

  /// The chains that these elements jump to and that are not there from the beginning, the owner's own left out.
  var chains: [Schema.FilledChain] {
    switch self {
    case .masquerade(let addresses): return addresses.map { Schema.masqueradeChain($0.family, $0.prefixLength) }
    case .publication(let publication):
      guard publication.sourceTranslation == .hairpin, !publication.ports.isEmpty else { return [] }
      return publication.containers.map { Schema.hairpinChain($0.family, $0.prefixLength) }
    case .isolation, .links, .spoofCheck: return []
    }
  }
}

extension Isolation.Policy {
  /// How the map `attached` says it.
  var verdict: Verdict {
    switch self {
    case .open: .accept
    case .sameBridge: .return
    case .isolated: .drop
    }
  }

  init?(_ verdict: Verdict) {
    guard let policy = Isolation.Policy.allCases.first(where: { $0.verdict == verdict }) else { return nil }
    self = policy
  }
}

extension Publication {
  fileprivate func entries(_ label: String) -> [Entry] {
    if ports.isEmpty { return [] }
    return containers.flatMap { container -> [Entry] in
      let family = container.family
      var entries = sourceEntries(container, label)
      for port in ports where port.concerns(family) {
        let transport = Fields.Field.transportProtocol(port.transport.number)
        let key = { (number: UInt16) -> Fields in
          port.singleAddress.map { Fields(.address($0), transport, .port(number)) } ?? Fields(transport, .port(number))
        }
        if port.isRange {
          let set = port.singleAddress == nil ? SetID.publishedRange(family) : SetID.publishedRangeAt(family)
          entries.append(
            Entry(
              set,
              Element(
                key(port.hostPorts.lowerBound), through: key(port.hostPorts.upperBound),
                to: .fields(Fields(.address(container.address))), comment: label)))
        } else {
          let set = port.singleAddress == nil ? SetID.published(family) : SetID.publishedAt(family)
          let distance = Int(port.containerPort) - Int(port.hostPorts.lowerBound)
          entries += port.hostPorts.map { number in
            let target = Fields(.address(container.address), .port(UInt16(Int(number) + distance)))
            return Entry(set, Element(key(number), to: .fields(target), comment: label))
          }
        }
      }
      return entries
    }
  }

  /// The ports that not everybody may use: all with a condition for the IP version, else those with sources.
  func conditionalPorts(_ family: IPAddress.Family) -> [PublishedPort] {
    guard containers.contains(where: { $0.family == family }) else { return [] }
    let hasCondition = conditions.contains { $0.family == family }
    return ports.filter { $0.concerns(family) && (hasCondition || !$0.sources.isEmpty) }
  }

  /// Where packets for the ports are sent to be compared with conditions. Ranges of several fields must not overlap: what another one
  /// includes is left out.
  fileprivate func conditionalEntries(_ family: IPAddress.Family, _ owner: Owner) -> [Entry] {
    let ports = conditionalPorts(family)
    if ports.isEmpty { return [] }
    let set = SetID.conditional(family), chain = Schema.gateChain(family, owner).name
    let lowest = IPAddress(family, 0), highest = Subnet(lowest, prefixLength: 0)?.lastAddress ?? lowest
    return ports.enumerated().compactMap { position, port in
      let isIncluded = ports.enumerated().contains { other, wider in
        other != position && wider.includes(port) && (other < position || !port.includes(wider))
      }
      if isIncluded { return nil }
      let key = { (address: IPAddress, number: UInt16) in
        Fields(.address(address), .transportProtocol(port.transport.number), .port(number))
      }
      return Entry(
        set,
        Element(
          key(port.singleAddress ?? lowest, port.hostPorts.lowerBound),
          through: key(port.singleAddress ?? highest, port.hostPorts.upperBound), to: .verdict(.jump(chain)), comment: owner.label))
    }
  }

  /// What gives connections to the container the host's source address where that is wanted.
  private func sourceEntries(_ container: Subnet, _ label: String) -> [Entry] {
    let map = SetID.hairpin(container.family), key = Fields(.address(container.address))
    switch sourceTranslation {
    case .none: return []
    case .all: return [Entry(map, Element(key, to: .verdict(.jump("masquerade_all")), comment: label))]
    case .hairpin:
      let chain = Schema.hairpinChainName(container.family, container.prefixLength)
      return [
        Entry(map, Element(key, to: .verdict(.jump(chain)), comment: label)),
        Entry(
          SetID.beside(container.family),
          Element(Fields(.address(container.address), .address(container.networkAddress)), comment: label)),
      ]
    }
  }
}

extension PublishedPort {
  /// Whether every packet for the other one is also for this one, in the IP version of both.
  fileprivate func includes(_ other: PublishedPort) -> Bool {
    transport == other.transport && hostPorts.contains(other.hostPorts.lowerBound) && hostPorts.contains(other.hostPorts.upperBound)
      && (singleAddress == nil || singleAddress == other.singleAddress)
  }
}
