public import Addresses

/// Frames that come in by a bridge port with another source address than the container's are dropped.
public struct SpoofCheck: Hashable, Sendable {
  /// The bridge port: the host's end of the container's link.
  public let port: String
  /// The container's address.
  public let address: MACAddress

  /// Describes a check.
  public init(port: String, address: MACAddress) {
    self.port = port
    self.address = address
  }
}
