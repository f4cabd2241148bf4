/// Something that happened to a container, an image, a network or a volume.
public struct Event: JSONRecord {
  /// `container`, `image`, `network`, `volume`.
  public var kind = "container"
  /// docker's word: `create`, `start`, `die`, `exec_create: sh`…
  public var action = ""
  /// The ID, or the name of what has none.
  public var id = ""
  /// When, as a `Timestamp`.
  public var time = ""
  /// More about it: `image`, `name`, `exitCode`…, as `NAME=value`.
  public var attributes: [String] = []

  /// Nothing.
  public init() {}

  /// Describes something that happens now.
  public init(_ kind: String, _ action: String, id: String, attributes: [(String, String)] = []) {
    self.kind = kind
    self.action = action
    self.id = id
    self.attributes = attributes.map { "\($0.0)=\($0.1)" }
    time = Timestamp.now().description
  }

  /// Describes what happens to a container, with its image, name and labels.
  public init(_ action: String, _ container: ContainerRecord, _ more: [(String, String)] = []) {
    self.init("container", action, id: container.id, attributes: more + [("image", container.image), ("name", container.name)])
    attributes += container.labels
  }

  /// The value of an attribute; nil if there is none.
  public func attribute(_ name: String) -> String? {
    attributes.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("type", &kind)
    try fields.field("action", &action)
    try fields.field("id", &id)
    try fields.field("time", &time)
    try fields.field("attributes", &attributes)
  }
}
