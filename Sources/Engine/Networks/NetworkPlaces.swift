public import CNI

/// Where everything about networks is.
public struct NetworkPlaces: Sendable {
  /// The folder with one folder for each container, named by its ID: `ROOT/containers`.
  public var containers: String
  /// What goes with a reboot: `RUN/networks`.
  public var run: String
  /// The folder with network lists, usually /etc/cni/net.d.
  public var configuration: String
  /// Where the plugins are.
  public var pluginPath: PluginPath
  /// Where results are remembered between ADD and DEL.
  public var cache: ResultCache

  /// Joins the places.
  public init(root: String, run: String, configuration: String, pluginPath: PluginPath, cache: ResultCache = ResultCache()) {
    containers = "\(root)/containers"
    self.run = "\(run)/networks"
    self.configuration = configuration
    self.pluginPath = pluginPath
    self.cache = cache
  }
}
