/// What is to be mounted in a container: `-v`, `--volumes-from`, `--tmpfs` and an image's volumes, as the container's record keeps it.
public struct MountRequest: JSONRecord, Equatable {
  /// What kind of thing is mounted.
  public enum Kind: String, Sendable {
    /// A file or folder of the host.
    case bind
    /// A volume.
    case volume
    /// Memory.
    case tmpfs
  }

  /// The kind.
  public var kind = Kind.bind
  /// The host's path, or the volume's name; empty for memory.
  public var source = ""
  /// The absolute path in the container.
  public var target = ""
  /// Whether it cannot be written to.
  public var isReadOnly = false
  /// Whether a new volume stays empty although the image has something at the target.
  public var leavesEmpty = false
  /// Options of a tmpfs: `size=64m,mode=1777`.
  public var options = ""

  /// Nothing.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("kind", &kind)
    try fields.field("source", &source)
    try fields.field("target", &target)
    try fields.field("isReadOnly", &isReadOnly)
    try fields.field("leavesEmpty", &leavesEmpty)
    try fields.field("options", &options)
  }
}
