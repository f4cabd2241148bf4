/// The networks of a host: the lists in a CNI configuration folder.
public struct NetworkStore: Sendable {
  /// How people call the network of containers that name none.
  public static var defaultName: String { "bridge" }
  /// The name of its list.
  public static var defaultListName: String { "containers" }

  /// Where everything is.
  public let places: Places

  /// Opens the store; nothing is created.
  public init(_ places: Places) { self.places = places }

  /// All networks, the default one first, then by name.
  public func networks() throws -> [Network] { [] }

  /// The network with a name, or with an ID that begins so. The default network is made if it is missing.
  public func network(named name: String) throws -> Network { throw EngineError("network \(name) not found") }

  /// Writes a list for a new network.
  public func create(_ options: NetworkOptions) throws -> Network { throw EngineError("not yet") }

  /// Removes a network that no container is attached to, with its bridge.
  public func remove(_ name: String) throws {}
}
