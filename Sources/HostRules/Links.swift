public import Addresses

/// Where a container is whose bridge keeps containers apart, and which others it may ask there all the same.
///
/// Others are named by their IDs: where they are follows from their own links, so that a link follows its target to a new address.
public struct Links: Hashable, Sendable {
  /// A port of a container that another one may connect to.
  public struct Port: Hashable, Sendable {
    /// The runtime's name of the container that listens, on the same network.
    public let containerID: String
    /// TCP, UDP or SCTP.
    public let transport: TransportProtocol
    /// The port, not 0.
    public let number: UInt16

    /// Names a port of a container.
    public init(containerID: String, _ transport: TransportProtocol, _ number: UInt16) {
      self.containerID = containerID
      self.transport = transport
      self.number = number
    }
  }

  /// The attachment's own addresses.
  public let addresses: [IPAddress]
  /// The ports of others that it may connect to, each once.
  public let ports: [Port]

  /// Describes an attachment; without ports it can only be a target.
  public init(addresses: [IPAddress], ports: [Port] = []) {
    self.addresses = addresses
    var seen: Set<Port> = []
    self.ports = ports.filter { seen.insert($0).inserted }
  }
}
