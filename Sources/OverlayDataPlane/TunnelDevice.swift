public import Routing
public import WireGuard

/// The device that packets to other hosts go into.
public enum TunnelDevice: Hashable, Sendable {
  /// VXLAN.
  case vxlan(VXLANDevice)
  /// WireGuard.
  case wireguard(WireGuardDevice)

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
