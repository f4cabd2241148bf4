/// How packets travel from one host of an overlay to another. The raw values are flannel's backend types, too.
public enum DataPath: String, Hashable, Sendable, CaseIterable {
  /// In UDP, with an Ethernet frame inside: RFC 7348.
  case vxlan
  /// As they are, by a route to the other host, which must be on the same link.
  case hostGateway = "host-gw"
  /// Encrypted, in UDP: the kernel's WireGuard.
  case wireguard
}
