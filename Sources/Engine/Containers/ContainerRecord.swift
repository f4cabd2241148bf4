/// All that is known of a container: the file `container.json` in its folder.
public struct ContainerRecord: JSONRecord {
  /// 64 hexadecimal digits.
  public var id = ""
  /// Its name, without a slash.
  public var name = ""
  /// When it was made, as a `Timestamp`.
  public var created = ""
  /// The image as the person named it; empty with `--rootfs`.
  public var image = ""
  /// The image's identifier, `sha256:…`; empty with `--rootfs`.
  public var imageID = ""
  /// The folder given with `--rootfs`.
  public var rootFolder: String?
  /// What was asked for.
  public var options = RunOptions()
  /// What the image says, as far as starting needs it; so a container outlives its image's name.
  public var imageDefaults = ImageDefaults()
  /// What has happened.
  public var status = ContainerStatus()
  /// The networks it is attached to, or will be at its next start.
  public var networks: [AttachedNetwork] = []
  /// The published ports that it has now.
  public var ports: [PublishedPort] = []
  /// The volumes and folders that it mounts, the anonymous volumes made for it included.
  public var mounts: [RecordedMount] = []
  /// Named links to other containers, resolved to IDs when it was made: `ID:alias`.
  public var links: [String] = []

  /// Nothing.
  public init() {}

  /// The first twelve digits of the ID.
  public var shortID: String { String(id.prefix(12)) }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("id", &id)
    try fields.field("name", &name)
    try fields.field("created", &created)
    try fields.field("image", &image)
    try fields.field("imageID", &imageID)
    try fields.field("rootfs", &rootFolder)
    try fields.field("options", &options)
    try fields.field("imageDefaults", &imageDefaults)
    try fields.field("status", &status)
    try fields.field("networks", &networks)
    try fields.field("ports", &ports)
    try fields.field("mounts", &mounts)
    try fields.field("links", &links)
  }
}
