import Addresses
import NFTables

/// Our one table. Its sets are numbered by `SetID`; chains and rules are in `Schema+Chains.swift`.
enum Schema {
  static let table = Table(.inet, "swift_cni", comment: "published ports, masquerade and isolation of containers")

  /// A set as it is created, with the words that people read beside it.
  static func definition(_ id: SetID) -> NamedSet {
    switch id {
    case .published4, .published6:
      published(id, "published", [.transportProtocol, .port], withPort: true, "ports on every address of the host")
    case .publishedAt4, .publishedAt6:
      published(id, "published_at", [id.addressType, .transportProtocol, .port], withPort: true, "ports on one address of the host")
    case .publishedRange4, .publishedRange6:
      published(
        id, "published_range", [.transportProtocol, .port], withPort: false, "the same ports of host and container, on every address")
    case .publishedRangeAt4, .publishedRangeAt6:
      published(
        id, "published_range_at", [id.addressType, .transportProtocol, .port], withPort: false,
        "the same ports of host and container, on one address")
    case .conditional4, .conditional6:
      NamedSet(
        table, "conditional" + id.suffix, key: [id.addressType, .transportProtocol, .port], to: .verdict, isInterval: true,
        comment: "published ports that only some packets may use")
    case .hairpin4, .hairpin6:
      verdicts(id, "hairpin", "whose clients need the host's address for the answer to come back")
    case .beside4, .beside6: pairs(id, "beside", "containers with published ports and their networks")
    case .masqueradeFrom4, .masqueradeFrom6: verdicts(id, "masquerade_from", "who leaves its network with the host's address")
    case .inside4, .inside6: pairs(id, "inside", "masqueraded containers and their networks")
    case .singleAddressPorts:
      NamedSet(
        table, "single_address_ports", key: [.networkProtocol, .transportProtocol, .port, .mark],
        comment: "ports that are published at one address, numbered per port")
    case .linked4, .linked6:
      NamedSet(
        table, "linked" + id.suffix, key: [id.addressType, id.addressType, .transportProtocol, .port], to: .verdict,
        comment: "who may ask whom, for which port, although containers are kept apart")
    case .isolatedBridges:
      NamedSet(table, "isolated_bridges", key: [.interfaceName], comment: "bridges that do not reach each other")
    case .sameBridge:
      NamedSet(
        table, "same_bridge", key: [.interfaceName, .interfaceName], comment: "of these, the ones whose containers reach each other")
    case .attached:
      NamedSet(
        table, "attached", key: [.interfaceName, .mark], to: .verdict,
        comment: "ingress policy per attachment: accept open, return same-bridge, drop isolated")
    }
  }

  private static func published(_ id: SetID, _ name: String, _ key: [DataType], withPort: Bool, _ comment: String) -> NamedSet {
    NamedSet(
      table, name + id.suffix, key: key, to: .fields(withPort ? [id.addressType, .port] : [id.addressType]), isInterval: !withPort,
      hasCounters: true, comment: comment)
  }

  private static func verdicts(_ id: SetID, _ name: String, _ comment: String) -> NamedSet {
    NamedSet(table, name + id.suffix, key: [id.addressType], to: .verdict, comment: comment)
  }

  private static func pairs(_ id: SetID, _ name: String, _ comment: String) -> NamedSet {
    NamedSet(table, name + id.suffix, key: [id.addressType, id.addressType], comment: comment)
  }
}

extension SetID {
  private var isIPv6: Bool {
    switch self {
    case .published6, .publishedAt6, .publishedRange6, .publishedRangeAt6, .conditional6, .hairpin6, .beside6, .masqueradeFrom6, .inside6,
      .linked6:
      true
    default: false
    }
  }

  fileprivate var addressType: DataType { isIPv6 ? .ipv6Address : .ipv4Address }

  /// Sets for IPv6 have the name of those for IPv4 with a 6.
  fileprivate var suffix: String { isIPv6 ? "6" : "" }
}
