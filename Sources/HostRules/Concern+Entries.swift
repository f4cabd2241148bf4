import Addresses
import NFTables

extension Concern {
  /// The elements that belong to the owner alone. Elements that attachments share, and the numbered ones, are made where they are added.
  func entries(_ owner: Owner) -> [Entry] {
    let label = owner.label
    switch self {
    case .masquerade(let addresses):
      return addresses.flatMap { address -> [Entry] in
        let chain = Schema.masqueradeChain(address.family, address.prefixLength).chain.name
        let key = Fields(.address(address.address))
        return [
          Entry(Schema.masqueradeFrom(address.family), Element(key, to: .verdict(.jump(chain)), comment: label)),
          Entry(
            Schema.inside(address.family),
            Element(Fields(.address(address.address), .address(address.networkAddress)), comment: label)),
        ]
      }
    case .publication(let publication): return publication.entries(label)
    case .isolation(let isolation):
      return [
        Entry(
          Schema.attached,
          Element(
            Fields(.interface(isolation.bridge), .mark(owner.number)), to: .verdict(isolation.policy.verdict), comment: label))
      ]
    case .spoofCheck: return []
    }
  }

  /// The chains that these elements jump to and that are not there from the beginning.
  var chains: [Schema.FilledChain] {
    switch self {
    case .masquerade(let addresses): return addresses.map { Schema.masqueradeChain($0.family, $0.prefixLength) }
    case .publication(let publication):
      guard publication.sourceTranslation == .hairpin, !publication.ports.isEmpty else { return [] }
      return publication.containers.map { Schema.hairpinChain($0.family, $0.prefixLength) }
    case .isolation, .spoofCheck: return []
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
          let set = port.singleAddress == nil ? Schema.publishedRange(family) : Schema.publishedRangeAt(family)
          entries.append(
            Entry(
              set,
              Element(
                key(port.hostPorts.lowerBound), through: key(port.hostPorts.upperBound),
                to: .fields(Fields(.address(container.address))), comment: label)))
        } else {
          let set = port.singleAddress == nil ? Schema.published(family) : Schema.publishedAt(family)
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

  /// What gives connections to the container the host's source address where that is wanted.
  private func sourceEntries(_ container: Subnet, _ label: String) -> [Entry] {
    let map = Schema.hairpin(container.family), key = Fields(.address(container.address))
    switch sourceTranslation {
    case .none: return []
    case .all: return [Entry(map, Element(key, to: .verdict(.jump("masquerade_all")), comment: label))]
    case .hairpin:
      let chain = Schema.hairpinChain(container.family, container.prefixLength).chain.name
      return [
        Entry(map, Element(key, to: .verdict(.jump(chain)), comment: label)),
        Entry(
          Schema.beside(container.family),
          Element(Fields(.address(container.address), .address(container.networkAddress)), comment: label)),
      ]
    }
  }
}
