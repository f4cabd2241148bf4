public import Addresses

/// What somebody wants to know: why it cannot reach that.
public struct Question: Sendable {
  /// Who asks.
  public enum Origin: Hashable, Sendable {
    /// Another host of the network around.
    case lan
    /// This host; with 127.0.0.1 as its destination it is local.
    case host
    /// A namespace of this host, by its place in the view.
    case namespace(Int)
    /// An address; of a namespace of this host, or of somebody outside.
    case address(IPAddress)
  }

  /// Who is asked.
  public enum Target: Hashable, Sendable {
    /// A namespace of this host, by its place in the view.
    case namespace(Int)
    /// An address.
    case address(IPAddress)
  }

  /// Who asks.
  public var origin: Origin
  /// Who is asked.
  public var target: Target
  /// The port; nil asks whether the address can be reached at all.
  public var port: UInt16?
  /// TCP, UDP or SCTP.
  public var transport: TransportProtocol
  /// Which version of IP is wanted, where names have addresses of both; nil takes IPv4 where there is any.
  public var family: IPAddress.Family?

  /// Joins the parts of a question.
  public init(
    from origin: Origin, to target: Target, port: UInt16?, _ transport: TransportProtocol = .tcp, family: IPAddress.Family? = nil
  ) {
    self.origin = origin
    self.target = target
    self.port = port
    self.transport = transport
    self.family = family
  }
}
