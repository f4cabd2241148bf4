/// What a container asks of networks: part of its record, never changed by starting it.
public struct NetworkSettings: JSONRecord, Equatable {
  /// Whose network namespace the container lives in.
  public enum Mode: String, Sendable {
    /// One of its own, attached to networks.
    case networks
    /// One of its own with nothing but the loopback interface.
    case none
    /// The host's.
    case host
    /// Another container's.
    case container
  }

  /// Whose namespace it is.
  public var mode = Mode.networks
  /// The ID of the container whose namespace is shared in mode `container`.
  public var sharedContainerID = ""
  /// The networks in the order of their interfaces eth0, eth1…; empty means the default network.
  public var endpoints: [NetworkEndpoint] = []
  /// Ports to publish.
  public var ports: [PortBinding] = []
  /// Whether every exposed port is published at a random port (`-P`).
  public var publishesAll = false
  /// Ports that the container listens on, from `--expose` and the image: `80/tcp`.
  public var exposedPorts: [String] = []
  /// Containers that this one is to know and reach.
  public var links: [ContainerLink] = []
  /// More entries for /etc/hosts, `name:address`; the address `host-gateway` stands for the host.
  public var extraHosts: [String] = []
  /// Name servers; empty for the host's.
  public var nameServers: [String] = []
  /// Search domains; empty for the host's.
  public var searchDomains: [String] = []
  /// resolv.conf(5) options; empty for the host's.
  public var resolverOptions: [String] = []
  /// The rates that a network's bandwidth plugin is to enforce, in the form of the CNI convention `bandwidth`.
  public var bandwidth: Bandwidth?

  /// The default network and no ports.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("mode", &mode)
    try fields.field("sharedContainerID", &sharedContainerID)
    try fields.field("endpoints", &endpoints)
    try fields.field("ports", &ports)
    try fields.field("publishesAll", &publishesAll)
    try fields.field("exposedPorts", &exposedPorts)
    try fields.field("links", &links)
    try fields.field("extraHosts", &extraHosts)
    try fields.field("nameServers", &nameServers)
    try fields.field("searchDomains", &searchDomains)
    try fields.field("resolverOptions", &resolverOptions)
    try fields.field("bandwidth", &bandwidth)
  }
}
