import Addresses
import NFTables

/// The sets and maps of our one table. Chains and rules are in `Schema+Chains.swift`.
enum Schema {
  static let table = Table(.inet, "swift_cni", comment: "published ports, masquerade and isolation of containers")

  static func published(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? published4 : published6 }
  static func publishedAt(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? publishedAt4 : publishedAt6 }
  static func publishedRange(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? publishedRange4 : publishedRange6 }
  static func publishedRangeAt(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? publishedRangeAt4 : publishedRangeAt6 }
  static func hairpin(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? hairpin4 : hairpin6 }
  static func beside(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? beside4 : beside6 }
  static func masqueradeFrom(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? masqueradeFrom4 : masqueradeFrom6 }
  static func inside(_ family: IPAddress.Family) -> NamedSet { family == .v4 ? inside4 : inside6 }

  private static let published4 = publishedMap("published", .v4)
  private static let published6 = publishedMap("published6", .v6)
  private static let publishedAt4 = publishedAtMap("published_at", .v4)
  private static let publishedAt6 = publishedAtMap("published_at6", .v6)
  private static let publishedRange4 = publishedRangeMap("published_range", .v4)
  private static let publishedRange6 = publishedRangeMap("published_range6", .v6)
  private static let publishedRangeAt4 = publishedRangeAtMap("published_range_at", .v4)
  private static let publishedRangeAt6 = publishedRangeAtMap("published_range_at6", .v6)
  private static let hairpin4 = hairpinMap("hairpin", .v4)
  private static let hairpin6 = hairpinMap("hairpin6", .v6)
  private static let beside4 = pairs("beside", .v4, "containers with published ports and their networks")
  private static let beside6 = pairs("beside6", .v6, "containers with published ports and their networks")
  private static let masqueradeFrom4 = masqueradeMap("masquerade_from", .v4)
  private static let masqueradeFrom6 = masqueradeMap("masquerade_from6", .v6)
  private static let inside4 = pairs("inside", .v4, "masqueraded containers and their networks")
  private static let inside6 = pairs("inside6", .v6, "masqueraded containers and their networks")

  /// For each port in `published_at` one element per holder, numbered from 0 without gaps: whether a port is published at any one address
  /// can be asked with one key.
  static let singleAddressPorts = NamedSet(
    table, "single_address_ports", key: [.networkProtocol, .transportProtocol, .port, .mark],
    comment: "ports that are published at one address, numbered per port")

  static let isolatedBridges = NamedSet(
    table, "isolated_bridges", key: [.interfaceName], comment: "bridges that do not reach each other")
  static let sameBridge = NamedSet(
    table, "same_bridge", key: [.interfaceName, .interfaceName], comment: "of these, the ones whose containers reach each other")
  static let attached = NamedSet(
    table, "attached", key: [.interfaceName, .mark], to: .verdict,
    comment: "ingress policy per attachment: accept open, return same-bridge, drop isolated")

  /// The sets with the elements of one kind of concern, those that attachments share left out.
  static func sets(_ kind: Concern.Kind) -> [NamedSet] {
    let both = { (sets: (IPAddress.Family) -> NamedSet) in [sets(.v4), sets(.v6)] }
    switch kind {
    case .masquerade: return both(masqueradeFrom) + both(inside)
    case .publication:
      return both(published) + both(publishedAt) + both(publishedRange) + both(publishedRangeAt) + both(hairpin) + both(beside)
    case .isolation: return [attached]
    case .spoofCheck: return []
    }
  }

  static let allSets: [NamedSet] =
    sets(.publication) + [singleAddressPorts] + sets(.masquerade) + [isolatedBridges, sameBridge] + sets(.isolation)

  static func addressType(_ family: IPAddress.Family) -> DataType { family == .v4 ? .ipv4Address : .ipv6Address }

  private static func publishedMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(
      table, name, key: [.transportProtocol, .port], to: .fields([addressType(family), .port]), hasCounters: true,
      comment: "ports on every address of the host")
  }

  private static func publishedAtMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(
      table, name, key: [addressType(family), .transportProtocol, .port], to: .fields([addressType(family), .port]), hasCounters: true,
      comment: "ports on one address of the host")
  }

  private static func publishedRangeMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(
      table, name, key: [.transportProtocol, .port], to: .fields([addressType(family)]), isInterval: true, hasCounters: true,
      comment: "the same ports of host and container, on every address")
  }

  private static func publishedRangeAtMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(
      table, name, key: [addressType(family), .transportProtocol, .port], to: .fields([addressType(family)]), isInterval: true,
      hasCounters: true, comment: "the same ports of host and container, on one address")
  }

  private static func hairpinMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(
      table, name, key: [addressType(family)], to: .verdict, comment: "whose clients need the host's address for the answer to come back")
  }

  private static func masqueradeMap(_ name: String, _ family: IPAddress.Family) -> NamedSet {
    NamedSet(table, name, key: [addressType(family)], to: .verdict, comment: "who leaves its network with the host's address")
  }

  private static func pairs(_ name: String, _ family: IPAddress.Family, _ comment: String) -> NamedSet {
    NamedSet(table, name, key: [addressType(family), addressType(family)], comment: comment)
  }
}
