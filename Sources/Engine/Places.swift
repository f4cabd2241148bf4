internal import Linux

/// Where everything is: what stays (root), what ends with the boot (run), the plugins and the network configurations.
public struct Places: Sendable {
  /// Images, volumes, containers; `/var/lib/berth`.
  public var root: String
  /// Locks and sockets of running containers; `/run/berth`.
  public var run: String
  /// The folders with the plugins, separated by colons.
  public var plugins: String
  /// The folder with the network configuration lists.
  public var networks: String

  /// Names the places.
  public init(root: String, run: String, plugins: String, networks: String) {
    self.root = root
    self.run = run
    self.plugins = plugins
    self.networks = networks
  }

  /// The folder of all containers.
  public var containers: String { "\(root)/containers" }
  /// The folder of one container, by its whole ID.
  public func container(_ id: String) -> String { "\(containers)/\(id)" }
  /// What a container has changed: overlay's upper folder.
  public func upper(_ id: String) -> String { "\(container(id))/upper" }
  /// Overlay's work folder.
  public func work(_ id: String) -> String { "\(container(id))/work" }
  /// An empty folder, which a container's root is mounted on in its own mount namespace.
  public func mountPoint(_ id: String) -> String { "\(container(id))/root" }
  /// What a container has printed; with `.1`, `.2`… behind it for older parts.
  public func log(_ id: String) -> String { "\(container(id))/output.log" }
  /// The sockets of supervisors, named by container IDs.
  public var sockets: String { "\(run)/sockets" }
  /// The names of containers: symbolic links to their IDs.
  public var names: String { "\(root)/names" }
  /// One file for each container that has a supervisor, locked as long as that lives.
  public var claims: String { "\(run)/alive" }
  /// Compiled filters of system calls, so that they need not be compiled again at every start.
  public var filters: String { "\(root)/filters" }
  /// The file with events, one JSON object a line.
  public var events: String { "\(root)/events.json" }
}
