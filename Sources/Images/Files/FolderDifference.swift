/// What a container changed below its root, as `docker diff` lists it.
public struct FolderDifference: Hashable, Sendable, CustomStringConvertible {
  /// What happened to a path.
  public enum Kind: String, Sendable {
    /// It was not there.
    case added = "A"
    /// Its content or its attributes are others, or something below it is.
    case changed = "C"
    /// It is gone.
    case deleted = "D"
  }

  /// What happened.
  public let kind: Kind
  /// The absolute path in the container.
  public let path: String

  /// `C /etc`
  public var description: String { "\(kind.rawValue) \(path)" }

  /// The changes in an overlay's `upperdir` against its layers, the topmost first; a folder before what is in it, by name. Mount points that
  /// the runtime made and that are empty are left out.
  public static func changes(upper: String, lower: [String], mountPoints: [String] = []) throws -> [FolderDifference] {
    try LayerComparison(mountPoints: Set(mountPoints)).changes(in: upper, lower, "")
  }
}
