/// What a command did to the store, one line of docker's output each.
public enum ImageChange: Hashable, Sendable, CustomStringConvertible {
  /// An image has a name now.
  case loaded(name: String)
  /// An image without a name is there now.
  case loadedID(String)
  /// A name is gone.
  case untagged(String)
  /// An image or a layer is gone, by its ID.
  case deleted(String)

  /// `Loaded image: busybox:latest`
  public var description: String {
    switch self {
    case .loaded(let name): "Loaded image: \(name)"
    case .loadedID(let id): "Loaded image ID: \(id)"
    case .untagged(let name): "Untagged: \(name)"
    case .deleted(let id): "Deleted: \(id)"
    }
  }
}
