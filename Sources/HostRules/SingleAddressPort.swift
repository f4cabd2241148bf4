import Addresses
import NFTables

/// A port that is published at one address of the host, whichever.
struct SingleAddressPort: Hashable {
  let family: IPAddress.Family
  let transport: UInt8
  let port: UInt16

  init(_ family: IPAddress.Family, _ transport: UInt8, _ port: UInt16) {
    self.family = family
    self.transport = transport
    self.port = port
  }

  /// The port of an element of `published_at`; nil for elements of other sets.
  init?(_ entry: Entry) {
    guard entry.set == .publishedAt4 || entry.set == .publishedAt6, let claim = Claim(entry) else { return nil }
    self.init(claim.family, claim.transport, claim.ports.lowerBound)
  }

  func place(_ number: Int) -> Entry.Place { Entry.Place(set: SetID.singleAddressPorts, key: key(number)) }

  func entry(_ number: Int, _ label: String) -> Entry { Entry(SetID.singleAddressPorts, Element(key(number), comment: label)) }

  private func key(_ number: Int) -> Fields {
    Fields(.networkProtocol(family), .transportProtocol(transport), .port(port), .mark(UInt32(number)))
  }
}
