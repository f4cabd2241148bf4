/// A container that was made from an image.
public struct ImageUser: Sendable {
  /// The container's ID.
  public let containerID: String
  /// Whether it is running; only such a one holds the image against `-f`.
  public let isRunning: Bool

  /// Describes a container.
  public init(containerID: String, isRunning: Bool) {
    self.containerID = containerID
    self.isRunning = isRunning
  }
}
