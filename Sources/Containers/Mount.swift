/// A folder or file that is mounted in a container.
public struct Mount: Sendable, Equatable {
  /// What is mounted.
  public enum Source: Sendable, Equatable {
    /// A folder or file of the host, with what is mounted below it.
    case bind(String)
    /// An empty file system in memory, with options as mount(8) takes them: `size=64m`, `mode=1777`, `ro`, `noexec`…
    case temporary(options: [String])
  }

  /// What is mounted.
  public let source: Source
  /// Where, as an absolute path in the container; made if it is missing. Symbolic links are followed inside the container's root.
  public let target: String
  /// Whether it may not be changed through this mount.
  public let isReadOnly: Bool
  /// Whether, in a user namespace that the host's root makes, what belongs to root on disk belongs to the container's root: then the folder is the
  /// container's own, and nothing below it may be a mount.
  public var isMapped = false

  /// Mounts a folder or file of the host.
  public static func bind(_ path: String, on target: String, isReadOnly: Bool = false) -> Mount {
    Mount(source: .bind(path), target: target, isReadOnly: isReadOnly)
  }

  /// Mounts a folder of the host with the container's users.
  public static func volume(_ path: String, on target: String, isReadOnly: Bool = false) -> Mount {
    Mount(source: .bind(path), target: target, isReadOnly: isReadOnly, isMapped: true)
  }

  /// Mounts an empty file system in memory. Without options it is docker's: nosuid, nodev, noexec.
  public static func temporary(on target: String, options: [String] = []) -> Mount {
    Mount(source: .temporary(options: options), target: target, isReadOnly: options.contains("ro"))
  }
}
