/// Connects one container to its networks and takes it off them again: what the supervisor, `network connect` and `rm -f` call.
///
/// Nothing here changes the container's record: what `attach`, `connect` and `disconnect` answer is for it. The files `hosts`, `hostname` and
/// `resolv.conf` in the container's folder are to be bound to those of /etc in the container; they are rewritten in place. Whoever calls sees to
/// it that no two calls concern one container at once.
public struct ContainerNetworking: Sendable {
  /// The container: `networks` says what it is attached to, or is to be attached to.
  public var record: ContainerRecord
  /// All containers.
  public let containers: ContainerStore
  /// All networks.
  public let networks: NetworkStore

  /// Opens the networking of a container; nothing happens.
  public init(_ record: ContainerRecord, in containers: ContainerStore) {
    self.record = record
    self.containers = containers
    networks = NetworkStore(containers.places)
  }

  /// Reads and checks everything that a new container's options say about networks, ports, names and links, and answers the networks and the
  /// links (`ID:alias`) for its record. Throws in docker's words.
  public static func plan(_ options: RunOptions, in containers: ContainerStore) throws -> (networks: [AttachedNetwork], links: [String]) {
    ([], [])
  }

  /// The files to bind into the container, and where; those of the other container if it shares that one's network.
  public func files() throws -> [(source: String, target: String)] { [] }

  /// The host name that the container gets: `--hostname`, else the short ID; of the host, or of the other container if it shares theirs.
  public func hostName() throws -> String { "" }

  /// The variables of docker's links, `ALIAS_PORT=tcp://…`, for the container's environment. Throws if a linked container does not run.
  public func linkEnvironment() throws -> [String] { [] }

  /// Writes the three files; before the container's root is mounted, without addresses, which `attach` adds.
  public func writeFiles() throws {}

  /// Attaches the container to all its networks and publishes its ports; after a failure nothing is left. Switches on its loopback interface.
  ///
  /// With `none`, `host` and `container:NAME` there is nothing to attach.
  public mutating func attach(namespacePath: String) throws -> (networks: [AttachedNetwork], ports: [PublishedPort]) { ([], []) }

  /// Takes the container off all networks, whatever of them is there; safe to call again, and when the namespace has gone.
  public func detach() throws {}

  /// Attaches a running container to one more network. `namespacePath` is nil if it does not run: then it is attached at its next start.
  public mutating func connect(
    _ network: String, aliases: [String], addresses: [String], namespacePath: String?
  ) throws -> AttachedNetwork { AttachedNetwork() }

  /// Takes a container off one network, running or not.
  public mutating func disconnect(_ network: String) throws {}

  /// Runs CHECK for every network; throws with everything that is found wrong.
  public func check() throws {}

  /// Has the files of other containers, on its networks or linked to it, tell a new name of this one.
  public func refreshNeighbors() throws {}
}
