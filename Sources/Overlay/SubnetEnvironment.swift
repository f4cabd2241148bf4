public import Addresses
public import CNI
import JSON

/// flannel's `subnet.env`, which tells a plugin this host's part of the overlay.
public struct SubnetEnvironment: Equatable, Sendable {
  /// The whole overlay, IPv4 (FLANNEL_NETWORK).
  public var network: Subnet?
  /// This host's part, written with its first usable address (FLANNEL_SUBNET).
  public var subnet: Subnet?
  /// The whole overlay, IPv6 (FLANNEL_IPV6_NETWORK).
  public var ipv6Network: Subnet?
  /// This host's part of it (FLANNEL_IPV6_SUBNET).
  public var ipv6Subnet: Subnet?
  /// The largest packet of containers in bytes (FLANNEL_MTU).
  public var mtu: UInt32
  /// Whether the daemon masquerades, so that the plugin need not (FLANNEL_IPMASQ).
  public var daemonMasquerades: Bool

  /// What a state says; nil before there is a lease.
  public init?(_ state: OverlayState) {
    guard let lease = state.lease else { return nil }
    func first(_ subnet: Subnet?) -> Subnet? {
      subnet.flatMap { subnet in subnet.address.advanced(by: 1).flatMap { Subnet($0, prefixLength: subnet.prefixLength) } }
    }
    network = state.overlays.first { $0.family == .v4 }
    ipv6Network = state.overlays.first { $0.family == .v6 }
    subnet = first(lease.subnet)
    ipv6Subnet = first(lease.ipv6Subnet)
    mtu = state.mtu
    daemonMasquerades = false
  }

  /// Reads the file's text. A line that cannot be is an error that names it; lines with other names are skipped.
  public init(parsing text: String) throws(CNIError) {
    mtu = 1450
    daemonMasquerades = false
    for line in text.split(separator: "\n") {
      guard let sign = line.firstIndex(of: "=") else { continue }
      let name = String(line[..<sign]), value = String(line[line.index(after: sign)...])
      if value.isEmpty { continue }
      switch name {
      case "FLANNEL_NETWORK": network = try SubnetEnvironment.subnet(name, value)
      case "FLANNEL_SUBNET": subnet = try SubnetEnvironment.subnet(name, value)
      case "FLANNEL_IPV6_NETWORK": ipv6Network = try SubnetEnvironment.subnet(name, value)
      case "FLANNEL_IPV6_SUBNET": ipv6Subnet = try SubnetEnvironment.subnet(name, value)
      case "FLANNEL_MTU":
        guard let number = UInt32(value), (68...65535).contains(number) else {
          throw CNIError(field: name, expected: "68 to 65535", got: .string(value))
        }
        mtu = number
      case "FLANNEL_IPMASQ":
        guard let flag = Bool(value) else { throw CNIError(field: name, expected: "true or false", got: .string(value)) }
        daemonMasquerades = flag
      default: break
      }
    }
    if subnet == nil && ipv6Subnet == nil {
      throw CNIError(missingField: "FLANNEL_SUBNET", expected: "this host's network (10.244.3.1/24)")
    }
  }

  /// The file's text.
  public var text: String {
    var lines: [String] = []
    func add(_ name: String, _ value: (some CustomStringConvertible)?) { if let value { lines.append("\(name)=\(value)\n") } }
    add("FLANNEL_NETWORK", network)
    add("FLANNEL_SUBNET", subnet)
    add("FLANNEL_IPV6_NETWORK", ipv6Network)
    add("FLANNEL_IPV6_SUBNET", ipv6Subnet)
    add("FLANNEL_MTU", mtu)
    add("FLANNEL_IPMASQ", daemonMasquerades)
    return lines.joined()
  }

  private static func subnet(_ name: String, _ value: String) throws(CNIError) -> Subnet {
    guard let subnet = Subnet(value) else {
      throw CNIError(field: name, expected: "an address with a prefix length (10.244.3.1/24)", got: .string(value))
    }
    return subnet
  }
}
