public import Addresses

/// What `network create` was asked for.
public struct NetworkOptions: Sendable {
  /// The network's name.
  public var name: String
  /// `bridge`, `overlay` or `macvlan`.
  public var driver = Network.Driver.bridge
  /// Subnets, at most one of each family; without one a free one is chosen.
  public var subnets: [Subnet] = []
  /// Gateways, each in one of the subnets.
  public var gateways: [IPAddress] = []
  /// Parts of the subnets that containers get their addresses from.
  public var ranges: [Subnet] = []
  /// Whether containers get IPv6 addresses too.
  public var hasIPv6 = false
  /// Whether containers reach nothing but each other and the host.
  public var isInternal = false
  /// `--opt NAME=value`, in order: mtu, icc, bridge, parent…
  public var options: [String] = []
  /// `--label NAME=value`, in order.
  public var labels: [String] = []

  /// Names a network without wishes.
  public init(name: String) { self.name = name }

  /// The value of an option under one of its names: docker's long ones are understood, too.
  func option(_ names: String...) -> String? {
    options.last { option in names.contains { option.hasPrefix("\($0)=") } }.map { String($0.drop { $0 != "=" }.dropFirst()) }
  }
}
