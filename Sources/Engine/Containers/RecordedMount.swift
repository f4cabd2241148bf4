/// Something mounted in a container.
public struct RecordedMount: JSONRecord, Equatable {
  /// docker's words for what it is.
  public enum Kind: String, Sendable {
    /// A folder or file of the host.
    case bind
    /// A volume.
    case volume
    /// A file system in memory.
    case tmpfs
  }

  /// What it is.
  public var kind = Kind.bind
  /// The volume's name; empty for others.
  public var name = ""
  /// The path on the host; empty for tmpfs.
  public var source = ""
  /// The path in the container.
  public var destination = ""
  /// Whether the container may only read it.
  public var isReadOnly = false
  /// Whether it is a volume made for this container alone, which `rm -v` removes.
  public var isAnonymous = false
  /// The options of a tmpfs.
  public var options = ""

  /// Nothing.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("type", &kind)
    try fields.field("name", &name)
    try fields.field("source", &source)
    try fields.field("destination", &destination)
    try fields.field("readOnly", &isReadOnly)
    try fields.field("anonymous", &isAnonymous)
    try fields.field("options", &options)
  }
}
