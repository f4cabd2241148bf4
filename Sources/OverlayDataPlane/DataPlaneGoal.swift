public import Addresses
public import Routing

/// What the kernel is to hold for one overlay on this host.
public struct DataPlaneGoal: Equatable, Sendable {
  /// All containers' addresses: routes of ours to other networks belong to another overlay and are left alone.
  public var overlays: [Subnet]
  /// The name that the tunnel's device has, where there is one.
  public var deviceName: String
  /// The tunnel's device; nil for an overlay without one.
  public var device: TunnelDevice?
  /// A further VXLAN device for what flannel's hosts send by IPv6, where the tunnel's own device uses IPv4; nil without such hosts.
  public var receiver: VXLANDevice?
  /// The name that this device has, where there is one.
  public var receiverName: String { DataPlaneGoal.receiverName(deviceName) }
  /// Everything else.
  public var entries: Set<KernelEntry>
  /// The links of the underlay whose changes matter.
  public var underlayLinks: Set<Int32>

  /// Joins the parts.
  public init(
    overlays: [Subnet], deviceName: String, device: TunnelDevice?, entries: Set<KernelEntry>, underlayLinks: Set<Int32>
  ) {
    self.overlays = overlays
    self.deviceName = deviceName
    self.device = device
    self.entries = entries
    self.underlayLinks = underlayLinks
  }

  static func receiverName(_ deviceName: String) -> String { "\(deviceName)v6" }
}
