public import Routing
public import WireGuard

/// The device that packets to other hosts go into.
public enum TunnelDevice: Hashable, Sendable {
  /// VXLAN.
  case vxlan(VXLANDevice)
  /// WireGuard.
  case wireguard(WireGuardDevice)

  /// Which of an overlay's devices one is.
  public enum Role: Hashable, Sendable, CaseIterable {
    /// The only one, or that of the tunnels by the underlay's IPv4.
    case main
    /// That of the tunnels by the underlay's IPv6, where they have one of their own.
    case ipv6
  }

  /// The numbers of an overlay's devices; nil for one that is not there.
  struct Numbers: Equatable {
    private var main: Int32?
    private var ipv6: Int32?

    subscript(role: Role) -> Int32? {
      get { role == .main ? main : ipv6 }
      set { if role == .main { main = newValue } else { ipv6 = newValue } }
    }

    /// Which device has a number; nil for links that are none of the overlay's devices.
    func role(of index: Int32) -> Role? { index == main ? .main : index == ipv6 ? .ipv6 : nil }
  }

  /// The device's name.
  public var name: String {
    switch self {
    case .vxlan(let device): device.name
    case .wireguard(let device): device.name
    }
  }

  /// Whether a link is as it is to be, as far as the link itself tells.
  func fits(_ link: Link) -> Bool {
    guard link.isUp, link.name == name else { return false }
    switch self {
    case .vxlan(let wanted): return link.mtu == wanted.mtu && link.macAddress == wanted.macAddress
    case .wireguard(let wanted): return link.mtu == wanted.mtu && link.kind == WireGuardSocket.kind
    }
  }
}
