/// Connects one container to its networks and takes it off them again: what the supervisor, `network connect` and `rm -f` call.
///
/// Its state is the file `network.json` in the container's folder. The files `hosts`, `hostname` and `resolv.conf` beside it are to be bound to those of
/// /etc in the container; they are rewritten in place. Whoever calls sees to it that no two calls concern one container at once.
public struct ContainerNetworking: Sendable {
  /// The container's ID.
  public let containerID: String
  /// What it has at present.
  public private(set) var state: NetworkState
  /// The networks.
  public let store: NetworkStore

  /// Opens the networking of a container; what an earlier run has left in its state is read.
  public init(containerID: String, store: NetworkStore) throws {
    self.containerID = containerID
    self.store = store
    state = NetworkState()
  }

  /// The paths of the files that are to be bound into the container, and where.
  public var files: [(source: String, target: String)] {
    ["hosts", "hostname", "resolv.conf"].map { ("\(store.places.containers)/\(containerID)/\($0)", "/etc/\($0)") }
  }

  /// Writes the three files for the first time, before the container's root is mounted: without addresses, which `attach` adds.
  public mutating func prepare(name: String, hostName: String, environment: [String], settings: NetworkSettings) throws {}

  /// Attaches the container to all its networks and publishes its ports; after a failure nothing is left.
  public mutating func attach(namespacePath: String) throws {}

  /// Takes the container off all networks, whatever of them is there; safe to call again, and without a namespace.
  public mutating func detach() throws {}

  /// Attaches a running container to one more network.
  public mutating func connect(_ endpoint: NetworkEndpoint) throws {}

  /// Takes a container off one network.
  public mutating func disconnect(_ network: String) throws {}

  /// Runs CHECK for every network.
  public func check() throws {}

  /// The variables of docker's links, `ALIAS_PORT=tcp://…`, for the container's environment; `prepare` comes first.
  public func linkEnvironment() throws -> [String] { [] }
}
