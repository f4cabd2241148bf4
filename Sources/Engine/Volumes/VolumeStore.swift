/// The volumes of a root folder: `ROOT/volumes/<name>/_data`.
public struct VolumeStore: Sendable {
  /// `ROOT/volumes`
  public let path: String

  /// Opens the store; nothing is created.
  public init(root: String) { path = "\(root)/volumes" }

  /// All volumes, by name.
  public func volumes() throws -> [Volume] { [] }

  /// The volume with the name; throws `get NAME: no such volume`.
  public func volume(named name: String) throws -> Volume { throw VolumeError("get \(name): no such volume") }

  /// Makes a volume, or answers the one that has this name already; nil makes an anonymous one.
  @discardableResult
  public func create(_ name: String?, labels: [String] = []) throws -> Volume { throw VolumeError("not yet") }

  /// Removes a volume with its content. `users` are the containers that have it, running or not: IDs that the error names.
  public func remove(_ name: String, users: [String]) throws {}

  /// The folder to mount for a volume.
  public func contentPath(of name: String) -> String { "\(path)/\(name)/_data" }

  /// Copies what the image has at a new volume's target into the volume, with owner and mode, if the volume is empty.
  public func fill(_ name: String, from root: String, at target: String) throws {}
}
