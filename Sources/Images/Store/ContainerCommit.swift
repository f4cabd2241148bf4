/// A container's changes that are to become an image.
public struct ContainerCommit: Sendable {
  /// The ID of the container's image; nil for a container that was made from a folder.
  public var image: String?
  /// Overlay's `upperdir` of the container.
  public var upper: String
  /// Absolute paths in the container that its runtime made for mounts: left out while they are empty.
  public var mountPoints: [String] = []
  /// What the new image says, before `changes`.
  public var configuration: ImageConfiguration
  /// Dockerfile instructions to apply: `CMD ["sh"]`, `ENV A=b`…
  public var changes: [String] = []
  /// The new image's name.
  public var name: ImageReference?
  /// Who made it.
  public var author = ""
  /// Why, in the new layer's history.
  public var message = ""

  /// A commit of a container's upper folder.
  public init(image: String?, upper: String, configuration: ImageConfiguration) {
    self.image = image
    self.upper = upper
    self.configuration = configuration
  }
}
