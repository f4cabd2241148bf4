public import Addresses

/// What `-p` asks for: one port of the container, and the ports of the host that may lead to it.
public struct PortBinding: Hashable, Sendable {
  /// The one address of the host; nil for all of them.
  public var hostAddress: IPAddress?
  /// The ports of the host to choose from, one of which is taken; 0…0 for any free one.
  public var hostPorts: ClosedRange<UInt16>
  /// The container's port.
  public var containerPort: ContainerPort

  /// Describes a binding.
  public init(hostAddress: IPAddress? = nil, hostPorts: ClosedRange<UInt16>, containerPort: ContainerPort) {
    self.hostAddress = hostAddress
    self.hostPorts = hostPorts
    self.containerPort = containerPort
  }
}
