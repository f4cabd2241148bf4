/// What a container asks of one network: `--network`, `--network-alias`, `--ip`, `--ip6`, `--mac-address`.
public struct NetworkEndpoint: JSONRecord, Equatable {
  /// The network's name.
  public var network = NetworkStore.defaultName
  /// More names by which members of the network know the container.
  public var aliases: [String] = []
  /// Addresses that were asked for, as text, of either family.
  public var addresses: [String] = []
  /// The MAC address that was asked for.
  public var macAddress: String?

  /// The default network, without wishes.
  public init() {}

  /// Names a network.
  public init(network: String, aliases: [String] = [], addresses: [String] = [], macAddress: String? = nil) {
    self.network = network
    self.aliases = aliases
    self.addresses = addresses
    self.macAddress = macAddress
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("network", &network)
    try fields.field("aliases", &aliases)
    try fields.field("addresses", &addresses)
    try fields.field("macAddress", &macAddress)
  }
}
