/// A folder that outlives containers.
public struct Volume: JSONRecord, Equatable {
  /// Its name; 64 hexadecimal digits for an anonymous one.
  public var name = ""
  /// When it was made, RFC 3339.
  public var created = ""
  /// Whether no person has named it.
  public var isAnonymous = false
  /// `--label`, as `name=value`.
  public var labels: [String] = []

  /// No volume.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("name", &name)
    try fields.field("created", &created)
    try fields.field("isAnonymous", &isAnonymous)
    try fields.field("labels", &labels)
  }
}
