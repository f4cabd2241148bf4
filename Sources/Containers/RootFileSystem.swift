/// What a container sees as `/`.
public enum RootFileSystem: Sendable, Equatable {
  /// Layers, topmost first, under a folder that takes all changes. It is mounted on `mountPoint`, an existing folder, in the container's own
  /// mount namespace: nothing remains mounted when the container is gone. `work` is empty and on the same file system as `upper`.
  case overlay(lower: [String], upper: String, work: String, mountPoint: String)
  /// A folder of the host.
  case folder(String)
}
