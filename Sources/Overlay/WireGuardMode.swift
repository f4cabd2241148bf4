/// How many tunnels two hosts of a WireGuard overlay have between them, and by which addresses. The raw values are flannel's `Mode`, too.
public enum WireGuardMode: String, Hashable, Sendable, CaseIterable {
  /// One for each family of the overlay, each by the underlay's addresses of its own family where both hosts have such; flannel's default.
  case separate
  /// One for both families, by IPv4 where both hosts have it and else by IPv6.
  case automatic = "auto"
  /// One for both families, by IPv4.
  case ipv4
  /// One for both families, by IPv6.
  case ipv6
}
