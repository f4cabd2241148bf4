public import Addresses

/// What the kernel is to hold for one overlay on this host.
public struct DataPlaneGoal: Equatable, Sendable {
  /// All containers' addresses: routes of ours to other networks belong to another overlay and are left alone.
  public var overlays: [Subnet]
  /// The name that the tunnel's device has, where there is one.
  public var deviceName: String
  /// The tunnel's device; nil for an overlay without one.
  public var device: TunnelDevice?
  /// A further device, for tunnels by the underlay's IPv6 where the other device has those by IPv4; nil where there is none. With VXLAN it only
  /// receives, and that only from flannel's hosts.
  public var ipv6Device: TunnelDevice?
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

  /// The device in a role.
  func device(_ role: TunnelDevice.Role) -> TunnelDevice? { role == .main ? device : ipv6Device }

  /// The name that the device in a role has, where there is one.
  func name(_ role: TunnelDevice.Role) -> String { DataPlaneGoal.name(deviceName, role) }

  static func name(_ deviceName: String, _ role: TunnelDevice.Role) -> String { role == .main ? deviceName : "\(deviceName)v6" }
}
