/// What a container has of networks: the file `network.json` in its folder, written by `ContainerNetworking` alone.
public struct NetworkState: JSONRecord, Equatable {
  /// The container's name, for the hosts files of others.
  public var name = ""
  /// The container's host name.
  public var hostName = ""
  /// The container's environment, which links to it pass on.
  public var environment: [String] = []
  /// What was asked for.
  public var settings = NetworkSettings()
  /// The path of the network namespace that it is attached by; empty when it is not.
  public var namespacePath = ""
  /// The networks it is attached to, in the order of their interfaces. One whose ADD has not come to an end has no addresses.
  public var networks: [AttachedNetwork] = []
  /// The ports that are published, each with the one port of the host that it got.
  public var ports: [PortBinding] = []

  /// Nothing.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("name", &name)
    try fields.field("hostName", &hostName)
    try fields.field("environment", &environment)
    try fields.field("settings", &settings)
    try fields.field("namespacePath", &namespacePath)
    try fields.field("networks", &networks)
    try fields.field("ports", &ports)
  }
}
