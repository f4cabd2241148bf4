/// The volumes of a root folder: `ROOT/volumes/<name>/_data`.
public struct VolumeStore: Sendable {
  /// `ROOT/volumes`
  public let path: String

  /// Opens the store; nothing is created.
  public init(_ places: Places) { path = "\(places.root)/volumes" }

  /// All volumes, by name.
  public func volumes() throws -> [Volume] { [] }

  /// The volume with the name; throws `get NAME: no such volume`.
  public func volume(named name: String) throws -> Volume { throw EngineError("get \(name): no such volume") }

  /// Makes a volume, or answers the one that has this name already; nil makes an anonymous one.
  @discardableResult
  public func create(_ name: String?, labels: [String] = []) throws -> Volume { throw EngineError("not yet") }

  /// Removes a volume with its content; throws if a container has it, running or not.
  public func remove(_ name: String, in containers: ContainerStore) throws {}

  /// The folder to mount for a volume.
  public func contentPath(of name: String) -> String { "\(path)/\(name)/_data" }

  /// Reads what a new container's options (`-v`, `--mount`, `--volumes-from`, `--tmpfs`) and its image's volumes say, and makes the volumes that
  /// are missing: the mounts for its record, by destination, each destination once. Throws in docker's words.
  public func mounts(_ options: RunOptions, imageVolumes: [String], in containers: ContainerStore) throws -> [RecordedMount] { [] }

  /// Copies what the image has at a new volume's destination into the volume, with owner and mode, if the volume is empty. `root` is the
  /// container's mounted root.
  public func fill(_ mounts: [RecordedMount], from root: String) throws {}
}
