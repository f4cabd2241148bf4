import Addresses
import Linux
import NFTables

extension HostRules {
  /// Makes the elements of links what these records say, as far as they concern the attachments that are meant; others' are left alone.
  ///
  /// A link is there as long as both ends are: so whoever comes or goes looks at all records of its network. They are few small files, and
  /// only networks that keep containers apart have any.
  mutating func reconcileLinks(
    _ records: [Record], concerning isMeant: (Entry) -> Bool, _ snapshot: inout Snapshot, _ changes: inout Changes
  ) throws {
    let wanted = HostRules.linkEntries(records).filter(isMeant)
    let places = Dictionary(wanted.map { ($0.place, $0) }) { first, _ in first }
    var present: Set<Entry.Place> = []
    for set in SetID.links {
      for element in try snapshot.read(set, from: &ruleset) {
        let entry = Entry(set, element)
        if let match = places[entry.place], match.matches(element) {
          present.insert(entry.place)
        } else if places[entry.place] != nil || isMeant(entry) {
          changes.delete(entry)
        }
      }
    }
    for (place, entry) in places where !present.contains(place) { changes.add(entry) }
  }

  /// The elements that open the links between these attachments: source and destination address, protocol, port. Each belongs to the source.
  static func linkEntries(_ records: [Record]) -> [Entry] {
    var addresses: [String: [IPAddress]] = [:]
    for record in records {
      guard case .links(let links) = record.concern else { continue }
      addresses["\(record.owner.networkPart)/\(record.owner.containerPart)", default: []] += links.addresses
    }
    return records.flatMap { record -> [Entry] in
      guard case .links(let links) = record.concern else { return [] }
      let label = record.owner.label
      return links.ports.flatMap { port -> [Entry] in
        let target = Owner(network: record.owner.network, containerID: port.containerID, interfaceName: "-")
        let theirs = addresses["\(target.networkPart)/\(target.containerPart)"] ?? []
        return links.addresses.flatMap { own in
          theirs.filter { $0.family == own.family && $0 != own }.map { other in
            let key = Fields(.address(own), .address(other), .transportProtocol(port.transport.number), .port(port.number))
            return Entry(SetID.linked(own.family), Element(key, to: .verdict(.accept), comment: label))
          }
        }
      }
    }
  }

  /// The records of links of a network, those that are meant left out.
  func linkRecords(_ network: String, without isMeant: (Owner) -> Bool) throws(SystemError) -> [Record] {
    try records.all(network: network, kind: .links).filter { !isMeant($0.owner) }
  }

  /// Has the links of an attachment that comes, or wants others than before, made, and those of it that are to go removed.
  mutating func link(
    _ concerns: [Concern], insteadOf previous: [Concern], _ owner: Owner, _ snapshot: inout Snapshot, _ changes: inout Changes
  ) throws {
    for case .links(let links) in concerns {
      let label = owner.label, others = try linkRecords(owner.network) { $0.label == label }
      var addresses = Set(links.addresses)
      for case .links(let earlier) in previous { addresses.formUnion(earlier.addresses) }
      try reconcileLinks(
        others + [Record(owner, .links(links), namespace: records.namespace)],
        concerning: { $0.element.comment == label || $0.concerns(addresses) }, &snapshot, &changes)
    }
  }

  /// Has the links of and to attachments removed that go.
  mutating func unlink(
    _ network: String, _ addresses: Set<IPAddress>, _ snapshot: inout Snapshot, _ changes: inout Changes, _ isMeant: (String?) -> Bool
  ) throws {
    let others = try linkRecords(network) { isMeant($0.label) }
    try reconcileLinks(others, concerning: { isMeant($0.element.comment) || $0.concerns(addresses) }, &snapshot, &changes)
  }

  /// What is missing of an attachment's links, or is not as it should be.
  mutating func linkFaults(_ links: Links, _ owner: Owner, _ snapshot: inout Snapshot) throws -> [String] {
    let label = owner.label, addresses = Set(links.addresses)
    let others = try linkRecords(owner.network) { $0.label == label }
    let wanted = HostRules.linkEntries(others + [Record(owner, .links(links), namespace: records.namespace)])
      .filter { $0.element.comment == label || $0.concerns(addresses) }
    try snapshot.read(wanted.map(\.place), from: &ruleset)
    return wanted.flatMap { HostRules.fault($0, snapshot[$0.place]) }
  }
}

extension Entry {
  /// Whether one of the addresses is an end of this link.
  fileprivate func concerns(_ addresses: Set<IPAddress>) -> Bool {
    guard !addresses.isEmpty, let fields = element.key.fields(set.definition.key) else { return false }
    return fields.contains { if case .address(let address) = $0 { addresses.contains(address) } else { false } }
  }
}

extension Concern {
  /// The addresses that links begin or end at; none for other concerns.
  var linkedAddresses: [IPAddress] { if case .links(let links) = self { links.addresses } else { [] } }
}
