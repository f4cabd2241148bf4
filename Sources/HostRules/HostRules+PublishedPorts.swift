public import Addresses
import NFTables

/// Ports of the host that lead to a container, as they are in the kernel.
public struct HeldPort: Hashable, Sendable {
  /// Whose they are; nil for an element that somebody else added.
  public let owner: Owner?
  /// The host's ports, and where they lead. One for all addresses has the unspecified address of its family.
  public let port: PublishedPort
  /// The container's address.
  public let container: IPAddress
  /// How many connections they have had; nil if the kernel does not count them.
  public let connections: UInt64?
}

extension HostRules {
  /// All published ports, read from the kernel; none if there is no table.
  public mutating func publishedPorts() throws -> [HeldPort] {
    guard try ruleset.table(Schema.table) != nil else { return [] }
    var ports: [HeldPort] = []
    for family in IPAddress.Family.allCases {
      for (set, hasAddress) in [
        (SetID.published(family), false), (.publishedRange(family), false), (.publishedAt(family), true), (.publishedRangeAt(family), true),
      ] {
        for element in try ruleset.elements(set.definition) {
          if let port = HeldPort(element, set.definition, family, hasAddress: hasAddress) { ports.append(port) }
        }
      }
    }
    return ports
  }
}

extension HeldPort {
  /// Reads an element of one of the eight maps; nil for one of another shape.
  fileprivate init?(_ element: Element, _ set: NamedSet, _ family: IPAddress.Family, hasAddress: Bool) {
    guard case .fields(let value)? = element.value, case .fields(let types) = set.target, let target = value.fields(types),
      case .address(let container)? = target.first, let key = element.key.fields(set.key), key.count == set.key.count,
      case .transportProtocol(let number) = key[key.count - 2], let transport = TransportProtocol(number: number),
      case .port(let first) = key[key.count - 1]
    else { return nil }
    var address = IPAddress(family, 0), last = first, containerPort = first
    if hasAddress, case .address(let single) = key[0] { address = single }
    if case .port(let end)? = element.last?.fields(set.key)?.last { last = end }
    if target.count > 1, case .port(let port) = target[1] { containerPort = port }
    guard first <= last, let port = PublishedPort(transport, hostAddress: address, hostPorts: first...last, containerPort: containerPort)
    else { return nil }
    self.init(
      owner: element.comment.flatMap { Owner(label: $0) }, port: port, container: container, connections: element.counter?.packets)
  }
}
