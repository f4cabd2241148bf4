public import Addresses

/// A port of the host that leads to a port of a container.
public struct PortBinding: JSONRecord, Hashable {
  /// The one address of the host; nil for all of them.
  public var hostAddress: IPAddress?
  /// The ports of the host to choose from, one of which is taken; empty (0…0) for any free one.
  public var hostPorts: ClosedRange<UInt16> = 0...0
  /// The container's port.
  public var containerPort = ContainerPort(1)

  /// Nothing in particular.
  public init() {}

  /// Describes a binding to one of some ports of the host; 0…0 stands for any free one.
  public init(hostAddress: IPAddress? = nil, hostPorts: ClosedRange<UInt16>, containerPort: ContainerPort) {
    self.hostAddress = hostAddress
    self.hostPorts = hostPorts
    self.containerPort = containerPort
  }

  /// The port of the host once it is known: 0 before that.
  public var hostPort: UInt16 { hostPorts.count == 1 ? hostPorts.lowerBound : 0 }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    var address = hostAddress?.description, first = hostPorts.lowerBound, last = hostPorts.upperBound, port = containerPort.description
    try fields.field("hostAddress", &address)
    try fields.field("hostPort", &first)
    try fields.field("lastHostPort", &last)
    try fields.field("containerPort", &port)
    hostAddress = address.flatMap { IPAddress($0) }
    guard first <= last, let read = ContainerPort(port) else {
      throw RecordError("containerPort: expected a port and a protocol, got \(port)")
    }
    hostPorts = first...last
    containerPort = read
  }
}
