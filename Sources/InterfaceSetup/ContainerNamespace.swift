public import Linux
public import Routing

/// A container's network namespace with what is needed to work in it: opened once, so that nobody has to change namespaces afterwards.
public struct ContainerNamespace: ~Copyable {
  /// The namespace itself.
  public let namespace: NetworkNamespace
  /// Links, addresses and routes inside.
  public var routes: RouteSocket
  /// The interfaces' settings inside.
  public let settings: InterfaceSettings

  /// Opens the sockets and folders.
  public init(_ namespace: consuming NetworkNamespace) throws {
    let contents = try namespace.inside { try Contents() }
    routes = contents.routes
    settings = contents.settings
    self.namespace = namespace
  }

  /// What has to be opened inside.
  private struct Contents: ~Copyable {
    let routes: RouteSocket
    let settings: InterfaceSettings

    init() throws {
      let routes = try RouteSocket()
      let settings = try InterfaceSettings()
      self.routes = routes
      self.settings = settings
    }
  }
}
