public import Addresses
public import CNI

/// A network of the host: one list of plugins in the configuration folder, ours or somebody else's.
public struct Network: Sendable {
  /// What makes the containers' interfaces.
  public enum Driver: String, Sendable, CaseIterable {
    /// A bridge on this host.
    case bridge
    /// Several hosts' containers in one network.
    case overlay
    /// The link of the host itself, with a MAC address for each container.
    case macvlan
  }

  /// A range of addresses that containers get theirs from.
  public struct Subnet: Equatable, Sendable {
    /// The subnet.
    public let subnet: Addresses.Subnet
    /// The gateway, if the list names one.
    public let gateway: IPAddress?
    /// The part that addresses are taken from, if not all.
    public let range: Addresses.Subnet?
  }

  /// The list's name; what docker calls `bridge` is the list `containers`.
  public let name: String
  /// 64 hexadecimal digits.
  public let id: String
  /// The driver's name; for a list of somebody else's its first plugin's type.
  public let driver: String
  /// The file; nil for the default network before it has been written.
  public let path: String?
  /// The plugins.
  public let list: NetworkList
  /// Where addresses come from.
  public let subnets: [Subnet]
  /// Whether containers reach nothing but each other and the host.
  public let isInternal: Bool
  /// Whether containers of the network may not talk to each other but for links.
  public let isolatesContainers: Bool
  /// When it was made, RFC 3339; empty if the list does not say.
  public let created: String
  /// What it was made with, `--opt`.
  public let options: [(name: String, value: String)]
  /// `--label`.
  public let labels: [(name: String, value: String)]

  /// Whether it is the network of containers that name none: its members do not find each other by name.
  public var isDefault: Bool { name == NetworkStore.defaultListName }
}
