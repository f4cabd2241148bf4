/// A container that another one is to know and reach: `--link name[:alias]`.
public struct ContainerLink: JSONRecord, Hashable {
  /// The target's ID, which outlives its names.
  public var targetID = ""
  /// The target's name when the link was made.
  public var targetName = ""
  /// How the linking container calls it.
  public var alias = ""

  /// Nobody.
  public init() {}

  /// Links to a container; without an alias the target's name is it.
  public init(targetID: String, targetName: String, alias: String? = nil) {
    self.targetID = targetID
    self.targetName = targetName
    self.alias = alias ?? targetName
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("targetID", &targetID)
    try fields.field("targetName", &targetName)
    try fields.field("alias", &alias)
  }
}
