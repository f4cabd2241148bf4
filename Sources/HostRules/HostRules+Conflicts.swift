import Addresses
import NFTables

extension HostRules {
  /// Throws `PortConflict` if another attachment holds one of the ports.
  ///
  /// A few single ports are asked for one by one, which costs the same however many are published; for ranges and many ports, what is
  /// published is read as a whole. Ranges at one address are few and read in any case.
  mutating func refuseConflicts(_ publication: Publication, _ owner: Owner, _ snapshot: inout Snapshot) throws {
    let entries = Concern.publication(publication).entries(owner).compactMap { entry in Claim(entry).map { (entry, $0) } }
    if entries.isEmpty { return }
    let claims = entries.map(\.1)
    if claims.count <= 32 && claims.allSatisfy({ $0.ports.count == 1 }) {
      try refuseSingle(claims, owner, &snapshot)
    } else {
      for family in Set(claims.map(\.family)) {
        let sets = [Schema.published, Schema.publishedAt, Schema.publishedRange, Schema.publishedRangeAt].map { $0(family) }
        for set in sets { try refuse(claims, set, owner, &snapshot) }
      }
    }
  }

  private mutating func refuseSingle(_ claims: [Claim], _ owner: Owner, _ snapshot: inout Snapshot) throws {
    try snapshot.read(claims.flatMap(\.places), from: &ruleset)
    for claim in claims {
      for place in claim.places { try refuse(claim, Schema.entry(snapshot, place), owner) }
      if claim.address == nil {
        let port = SingleAddressPort(claim.family, claim.transport, claim.ports.lowerBound)
        // Somebody publishes it at one address: which one is read for the message alone.
        if snapshot[port.place(0)] != nil, try holders(port, &snapshot).contains(where: { $0 != owner.label }) {
          try refuse([claim], Schema.publishedAt(claim.family), owner, &snapshot)
        }
      }
    }
    for family in Set(claims.map(\.family)) { try refuse(claims, Schema.publishedRangeAt(family), owner, &snapshot) }
  }

  private mutating func refuse(_ claims: [Claim], _ set: NamedSet, _ owner: Owner, _ snapshot: inout Snapshot) throws {
    let elements = try snapshot.read(set, from: &ruleset).filter { $0.comment != owner.label }
    if elements.isEmpty { return }
    // Few of the claims are compared with all elements; many claims are ports of their own, found by number.
    let lowest = claims.map(\.ports.lowerBound).min() ?? 1, highest = claims.map(\.ports.upperBound).max() ?? 0
    for element in elements {
      let entry = Entry(set, element)
      guard let held = Claim(entry), held.ports.overlaps(lowest...highest) else { continue }
      for claim in claims where claim.overlaps(held) { try refuse(claim, entry, owner) }
    }
  }

  private func refuse(_ claim: Claim, _ entry: Entry?, _ owner: Owner) throws {
    guard let entry, let comment = entry.element.comment, comment != owner.label, let holder = Owner(label: comment),
      let held = Claim(entry),
      held.overlaps(claim), let port = claim.published(), let heldPort = held.published()
    else { return }
    throw PortConflict(port: port, holder: holder, held: heldPort)
  }
}

extension Claim {
  /// Where a single port can be held, ranges at one address left out.
  fileprivate var places: [Entry.Place] {
    let port = Fields(.transportProtocol(transport), .port(ports.lowerBound))
    let everywhere = [Schema.published(family), Schema.publishedRange(family)].map { Entry.Place(set: $0, key: port) }
    guard let address else { return everywhere + [SingleAddressPort(family, transport, ports.lowerBound).place(0)] }
    let key = Fields(.address(address), .transportProtocol(transport), .port(ports.lowerBound))
    return everywhere + [Entry.Place(set: Schema.publishedAt(family), key: key)]
  }
}

extension Schema {
  fileprivate static func entry(_ snapshot: Snapshot, _ place: Entry.Place) -> Entry? { snapshot[place].map { Entry(place.set, $0) } }
}
