import Addresses
import NFTables

extension HostRules {
  /// Throws `PortConflict` if another attachment holds one of the ports of these elements.
  ///
  /// Up to `Snapshot.manyKeys` ports are asked for one by one, which costs the same however many are published; for more, what is published is
  /// read as a whole. So are ranges where that is needed: each is one element, and they are few.
  mutating func refuseConflicts(_ entries: [Entry], _ owner: Owner, _ snapshot: inout Snapshot) throws {
    let claims = entries.compactMap { Claim($0) }
    if claims.isEmpty { return }
    let isFew = claims.reduce(0) { $0 + $1.ports.count } <= Snapshot.manyKeys
    if isFew { try refuseEach(claims, owner, &snapshot) }
    for family in IPAddress.Family.allCases {
      let claims = claims.filter { $0.family == family }
      if claims.isEmpty { continue }
      var sets: Set<SetID> = isFew ? [] : [.published(family), .publishedAt(family)]
      // A single port is asked for in the ranges, too, but not at an address that is unknown.
      if !isFew || claims.contains(where: { $0.ports.count > 1 }) { sets.insert(.publishedRange(family)) }
      if !isFew || claims.contains(where: { $0.ports.count > 1 || $0.address == nil }) { sets.insert(.publishedRangeAt(family)) }
      for set in sets { try refuse(claims, set, owner, &snapshot) }
    }
  }

  /// Asks for each port by itself.
  private mutating func refuseEach(_ claims: [Claim], _ owner: Owner, _ snapshot: inout Snapshot) throws {
    try snapshot.read(claims.flatMap(\.places), from: &ruleset)
    for claim in claims {
      for place in claim.places {
        guard let element = snapshot[place], element.comment != owner.label else { continue }
        try refuse(claim, Entry(place.set, element), owner)
      }
      guard claim.address == nil else { continue }
      for number in claim.ports {
        let port = SingleAddressPort(claim.family, claim.transport, number)
        // Somebody publishes it at one address: which one is read for the message alone.
        if snapshot[port.place(0)] != nil, try holders(port, &snapshot).contains(where: { $0 != owner.label }) {
          try refuse([claim], .publishedAt(claim.family), owner, &snapshot)
        }
      }
    }
  }

  /// Compares with all elements of a set.
  private mutating func refuse(_ claims: [Claim], _ set: SetID, _ owner: Owner, _ snapshot: inout Snapshot) throws {
    let label = owner.label
    let held = try snapshot.read(set, from: &ruleset).filter { $0.comment != label }
    guard !held.isEmpty, let lowest = claims.map(\.ports.lowerBound).min(), let highest = claims.map(\.ports.upperBound).max() else {
      return
    }
    for element in held {
      let entry = Entry(set, element)
      // Most elements lie beside all claims.
      guard let held = Claim(entry), held.ports.overlaps(lowest...highest) else { continue }
      for claim in claims where claim.overlaps(held) { try refuse(claim, entry, owner) }
    }
  }

  /// Throws if the element is another attachment's.
  private func refuse(_ claim: Claim, _ entry: Entry, _ owner: Owner) throws {
    guard let comment = entry.element.comment, comment != owner.label, let holder = Owner(label: comment),
      !holder.isSameContainer(as: owner), let held = Claim(entry), let port = claim.published, let heldPort = held.published
    else { return }
    throw PortConflict(port: port, holder: holder, held: heldPort)
  }
}

extension Claim {
  /// Where each of the ports can be held, ranges at an address left out.
  var places: [Entry.Place] {
    ports.flatMap { number -> [Entry.Place] in
      let key = Fields(.transportProtocol(transport), .port(number))
      let everywhere = [Entry.Place(set: .published(family), key: key), Entry.Place(set: .publishedRange(family), key: key)]
      guard let address else { return everywhere + [SingleAddressPort(family, transport, number).place(0)] }
      let keyAt = Fields(.address(address), .transportProtocol(transport), .port(number))
      return everywhere
        + [Entry.Place(set: .publishedAt(family), key: keyAt), Entry.Place(set: .publishedRangeAt(family), key: keyAt)]
    }
  }
}
