import Addresses
import NFTables

/// Ports of the host that somebody holds, in one IP version.
struct Claim: Hashable {
  let family: IPAddress.Family
  let transport: UInt8
  /// Nil for every address.
  let address: IPAddress?
  let ports: ClosedRange<UInt16>

  /// Whether a packet could be for both.
  func overlaps(_ other: Claim) -> Bool {
    family == other.family && transport == other.transport && ports.overlaps(other.ports)
      && (address == nil || other.address == nil || address == other.address)
  }

  init(_ family: IPAddress.Family, _ transport: UInt8, _ address: IPAddress?, _ ports: ClosedRange<UInt16>) {
    self.family = family
    self.transport = transport
    self.address = address
    self.ports = ports
  }

  /// What an element of one of the maps of published ports holds; nil for elements of other sets.
  init?(_ entry: Entry) {
    switch entry.set {
    case .published4, .publishedRange4: self.init(.v4, entry.element, hasAddress: false)
    case .published6, .publishedRange6: self.init(.v6, entry.element, hasAddress: false)
    case .publishedAt4, .publishedRangeAt4: self.init(.v4, entry.element, hasAddress: true)
    case .publishedAt6, .publishedRangeAt6: self.init(.v6, entry.element, hasAddress: true)
    default: return nil
    }
  }

  /// A key is the address, if any, the protocol and the port, the last two in the first bytes of four.
  private init?(_ family: IPAddress.Family, _ element: Element, hasAddress: Bool) {
    let key = element.key.bytes, last = element.last?.bytes ?? key, start = hasAddress ? family.byteCount : 0
    guard key.count == start + 8, last.count == key.count else { return nil }
    let low = UInt16(key[start + 4]) << 8 | UInt16(key[start + 5]), high = UInt16(last[start + 4]) << 8 | UInt16(last[start + 5])
    guard low <= high else { return nil }
    self.family = family
    transport = key[start]
    address = hasAddress ? IPAddress(bytes: key[..<start]) : nil
    ports = low...high
  }

  /// As people write it.
  var published: PublishedPort? {
    TransportProtocol(number: transport).flatMap {
      PublishedPort($0, hostAddress: address, hostPorts: ports, containerPort: 1)
    }
  }
}
