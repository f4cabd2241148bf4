import Addresses
import Overlay

/// Where things are in etcd: flannel's keys, and one folder of ours that flannel does not look at.
struct FlannelLayout: Sendable {
  /// flannel's prefix, without a slash at the end: `/coreos.com/network`.
  let prefix: String

  /// What all hosts agree on.
  var configuration: String { "\(prefix)/config" }
  /// One record for each lease.
  var leases: String { "\(prefix)/subnets/" }
  /// One record for each network that is leased, or was until a while ago. flannel reads and watches everything that begins with
  /// `PREFIX/subnets`, so these are elsewhere.
  var reservations: String { "\(prefix)/swift-cni/reservations/" }

  /// Where a network's lease is.
  func lease(_ key: LeaseKey) -> String { leases + FlannelLayout.name(of: key) }
  /// Where a network's reservation is.
  func reservation(_ key: LeaseKey) -> String { reservations + FlannelLayout.name(of: key) }

  /// `10.200.69.0-24`, or `10.200.69.0-24&fd00:200:69::-64` with both families. A network of IPv6 alone has `0.0.0.0-0` before the sign.
  static func name(of key: LeaseKey) -> String {
    let ipv4 = key.subnet.map { "\($0.address)-\($0.prefixLength)" } ?? "0.0.0.0-0"
    return key.ipv6Subnet.map { "\(ipv4)&\($0.address)-\($0.prefixLength)" } ?? ipv4
  }

  /// Reads what `name` writes; nil for anything else.
  static func key(named name: some StringProtocol) -> LeaseKey? {
    let parts = name.split(separator: "&", omittingEmptySubsequences: false)
    guard let first = parts.first.flatMap({ subnet($0) }), first.family == .v4, parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return first.isNetwork ? LeaseKey(subnet: first) : nil }
    guard let second = subnet(parts[1]), second.family == .v6, second.isNetwork else { return nil }
    return LeaseKey(subnet: first.isDefault ? nil : first, ipv6Subnet: second)
  }

  private static func subnet(_ text: some StringProtocol) -> Subnet? {
    guard let dash = text.lastIndex(of: "-") else { return nil }
    return Subnet("\(text[..<dash])/\(text[text.index(after: dash)...])")
  }
}
