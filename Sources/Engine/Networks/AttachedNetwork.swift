/// What a container has of one network while it runs.
public struct AttachedNetwork: JSONRecord, Equatable {
  /// What was asked for.
  public var endpoint = NetworkEndpoint()
  /// The network's ID.
  public var networkID = ""
  /// The interface's name in the container: eth0, eth1…
  public var interface = ""
  /// Addresses with their prefix lengths: `10.88.0.5/16`.
  public var addresses: [String] = []
  /// The gateways, at most one for each family.
  public var gateways: [String] = []
  /// The interface's MAC address.
  public var macAddress = ""
  /// The link of the host that leads there: the bridge.
  public var bridge = ""
  /// Name servers that the network gave.
  public var nameServers: [String] = []
  /// Search domains that the network gave.
  public var searchDomains: [String] = []

  /// Nothing.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("endpoint", &endpoint)
    try fields.field("networkID", &networkID)
    try fields.field("interface", &interface)
    try fields.field("addresses", &addresses)
    try fields.field("gateways", &gateways)
    try fields.field("macAddress", &macAddress)
    try fields.field("bridge", &bridge)
    try fields.field("nameServers", &nameServers)
    try fields.field("searchDomains", &searchDomains)
  }
}
