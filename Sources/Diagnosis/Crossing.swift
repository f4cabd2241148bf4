public import Addresses
public import Routing

/// The way from a namespace's link to the next namespace: a cable, or a bridge.
public struct Crossing: Sendable {
  /// A bridge on the way.
  public struct Bridge: Sendable {
    /// The namespace that it is in.
    public let namespace: Int
    /// The bridge.
    public let link: Link
    /// The port that frames come in by; nil for what the bridge's own namespace sends.
    public let input: Link?
    /// The port that they leave by; nil for what is for the bridge's own namespace.
    public let output: Link?
  }

  /// Who has the address.
  public struct Owner: Hashable, Sendable {
    /// The namespace's place in the view.
    public let namespace: Int
    /// The link's number there.
    public let linkIndex: Int32
  }

  /// The bridge, if there is one.
  public let bridge: Bridge?
  /// Who gets it; nil if it leaves the host, or nobody has the address.
  public let target: Owner?
  /// Everybody on the wire who has the address.
  public let owners: [Owner]
  /// Whether the link leads out of what can be seen from here.
  public let leavesHost: Bool
  /// What the kernel remembers of the address.
  public let neighbor: Neighbor?
  /// The address.
  public let address: IPAddress
}
