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

  /// What an element of one of the maps of published ports holds; nil for elements of other sets.
  init?(_ entry: Entry) {
    guard let fields = entry.element.key.fields(entry.set.key), let last = (entry.element.last ?? entry.element.key).fields(entry.set.key)
    else { return nil }
    for family in IPAddress.Family.allCases {
      switch entry.set.name {
      case Schema.published(family).name, Schema.publishedRange(family).name: self.init(family, nil, fields[...], last[...])
      case Schema.publishedAt(family).name, Schema.publishedRangeAt(family).name:
        guard case .address(let address) = fields[0] else { return nil }
        self.init(family, address, fields[1...], last[1...])
      default: continue
      }
      return
    }
    return nil
  }

  private init?(_ family: IPAddress.Family, _ address: IPAddress?, _ first: ArraySlice<Fields.Field>, _ last: ArraySlice<Fields.Field>) {
    guard case .transportProtocol(let transport)? = first.first, case .port(let low)? = first.last, case .port(let high)? = last.last,
      low <= high
    else { return nil }
    self.family = family
    self.transport = transport
    self.address = address
    ports = low...high
  }

  /// As people write it.
  func published(containerPort: UInt16 = 1) -> PublishedPort? {
    TransportProtocol(number: transport).flatMap {
      PublishedPort($0, hostAddress: address, hostPorts: ports, containerPort: min(containerPort, ports.lowerBound))
    }
  }
}
