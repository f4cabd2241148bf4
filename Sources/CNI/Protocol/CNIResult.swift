/// What an ADD has made: the union of what every version of the CNI specification can say.
public struct CNIResult: Equatable, Sendable {
  /// Interfaces, on the host and in the container.
  public var interfaces: [ResultInterface]
  /// Addresses, in the order they were assigned.
  public var addresses: [ResultAddress]
  /// Routes inside the container.
  public var routes: [ResultRoute]
  /// Where the container resolves names.
  public var dns: DNSConfiguration

  /// Joins the parts.
  public init(
    interfaces: [ResultInterface] = [], addresses: [ResultAddress] = [], routes: [ResultRoute] = [],
    dns: DNSConfiguration = DNSConfiguration()
  ) {
    self.interfaces = interfaces
    self.addresses = addresses
    self.routes = routes
    self.dns = dns
  }
}
