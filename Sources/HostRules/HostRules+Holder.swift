public import Addresses
import NFTables

extension HostRules {
  /// Who has published a port of the host: at an address, or at any if that is nil. The kernel is asked for this port alone, and for the few
  /// ranges at single addresses; what is free now may be taken when it is wanted.
  public mutating func holder(_ transport: TransportProtocol, address: IPAddress?, port: UInt16) throws -> Owner? {
    guard try ruleset.table(Schema.table) != nil else { return nil }
    var snapshot = Snapshot()
    for family in IPAddress.Family.allCases where address == nil || address?.family == family {
      let single = address.flatMap { $0.isUnspecified ? nil : $0 }
      let claim = Claim(family, transport.number, single, port...port)
      let places = claim.places
      try snapshot.read(places, from: &ruleset)
      for place in places {
        if let label = snapshot[place]?.comment, let owner = Owner(label: label) { return owner }
      }
      if single != nil { continue }
      for element in try snapshot.read(.publishedRangeAt(family), from: &ruleset) {
        guard let held = Claim(Entry(.publishedRangeAt(family), element)), held.overlaps(claim) else { continue }
        return element.comment.flatMap { Owner(label: $0) }
      }
    }
    return nil
  }
}
