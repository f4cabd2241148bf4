/// What an image says about the containers made from it, copied when one is made.
public struct ImageDefaults: JSONRecord {
  /// Words before the command.
  public var entrypoint: [String] = []
  /// The command if none is given.
  public var command: [String] = []
  /// `NAME=value`
  public var environment: [String] = []
  /// The working folder; empty for `/`.
  public var workingFolder = ""
  /// The user; empty for root.
  public var user = ""
  /// `port/protocol`
  public var exposedPorts: [String] = []
  /// Folders that become anonymous volumes.
  public var volumes: [String] = []
  /// The signal of `stop`; empty for SIGTERM.
  public var stopSignal = ""
  /// How health is asked for.
  public var healthcheck: Healthcheck?
  /// `NAME=value`
  public var labels: [String] = []
  /// The folders of the image's layers, the topmost first.
  public var layers: [String] = []

  /// An image that says nothing.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("entrypoint", &entrypoint)
    try fields.field("command", &command)
    try fields.field("env", &environment)
    try fields.field("workdir", &workingFolder)
    try fields.field("user", &user)
    try fields.field("exposedPorts", &exposedPorts)
    try fields.field("volumes", &volumes)
    try fields.field("stopSignal", &stopSignal)
    try fields.field("healthcheck", &healthcheck)
    try fields.field("labels", &labels)
    try fields.field("layers", &layers)
  }
}
