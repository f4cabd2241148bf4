/// A port of a container that is reached through a port of the host: what an attachment really got.
public struct PublishedPort: JSONRecord, Hashable {
  /// The host's address; the empty text stands for all.
  public var hostAddress = ""
  /// The host's port.
  public var hostPort: UInt16 = 0
  /// The container's port.
  public var containerPort: UInt16 = 0
  /// `tcp`, `udp` or `sctp`.
  public var transport = "tcp"

  /// No port.
  public init() {}

  /// Joins the four parts.
  public init(hostAddress: String = "", hostPort: UInt16, containerPort: UInt16, transport: String = "tcp") {
    self.hostAddress = hostAddress
    self.hostPort = hostPort
    self.containerPort = containerPort
    self.transport = transport
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("hostIP", &hostAddress)
    try fields.field("hostPort", &hostPort)
    try fields.field("containerPort", &containerPort)
    try fields.field("protocol", &transport)
  }
}
