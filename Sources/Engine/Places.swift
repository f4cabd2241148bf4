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
  /// The folder of a container's sockets and mount points while it runs.
  public func runtime(_ id: String) -> String { "\(run)/containers/\(id)" }
  /// The names of containers: symbolic links to their IDs.
  public var names: String { "\(root)/names" }
  /// One file for each container that has a supervisor, locked as long as that lives.
  public var claims: String { "\(run)/alive" }
  /// The file with events, one JSON object a line.
  public var events: String { "\(root)/events.json" }
}
