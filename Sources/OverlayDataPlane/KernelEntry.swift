public import Addresses
import Netlink
import Routing
public import WireGuard

/// One thing that the kernel is to hold for an overlay. What is wanted and what is there are sets of these, and reconciling is their difference.
public enum KernelEntry: Hashable, Sendable {
  /// An address on a tunnel's device.
  case address(Subnet, on: TunnelDevice.Role)
  /// Frames to an Ethernet address go out of the tunnel's device to a host.
  case forwarding(MACAddress, to: IPAddress)
  /// An address behind the tunnel's device has an Ethernet address.
  case neighbor(IPAddress, MACAddress)
  /// A network is reached through a host behind the tunnel's device.
  case tunnelRoute(Subnet, via: IPAddress)
  /// A network is behind a tunnel's device, which knows by itself to whom packets go.
  case deviceRoute(Subnet, on: TunnelDevice.Role)
  /// Another host of a tunnel's device, which is a WireGuard device. Held apart, because thousands of the smaller cases are kept.
  indirect case peer(WireGuardPeer, on: TunnelDevice.Role)
  /// A network is reached through a host on a link of the underlay.
  case directRoute(Subnet, via: IPAddress, linkIndex: Int32)

  /// What only one entry can be there for: setting one replaces another with the same key.
  enum Key: Hashable {
    case address(Subnet, TunnelDevice.Role)
    case forwarding(MACAddress)
    case neighbor(IPAddress)
    case peer(WireGuardKey, TunnelDevice.Role)
    case route(Subnet)
  }

  var key: Key {
    switch self {
    case .address(let address, let role): .address(address, role)
    case .forwarding(let mac, _): .forwarding(mac)
    case .neighbor(let address, _): .neighbor(address)
    case .peer(let peer, let role): .peer(peer.publicKey, role)
    case .tunnelRoute(let destination, _), .deviceRoute(let destination, _), .directRoute(let destination, _, _): .route(destination)
    }
  }

  /// Whether it goes with the tunnel's device.
  var isOnDevice: Bool { if case .directRoute = self { false } else { true } }

  /// The device that it is on, or leads to.
  var role: TunnelDevice.Role {
    switch self {
    case .address(_, let role), .deviceRoute(_, let role), .peer(_, let role): role
    default: .main
    }
  }

  /// Whether it is set by a request to WireGuard, not to rtnetlink.
  var isPeer: Bool { if case .peer = self { true } else { false } }

  /// The order in which entries are made, so that no packet finds a half-made way; they are removed in the opposite one.
  var rank: Int {
    switch self {
    case .address: 0
    case .forwarding, .peer: 1
    case .neighbor: 2
    case .tunnelRoute, .deviceRoute, .directRoute: 3
    }
  }

  /// The metric of our IPv4 routes: a network on this host itself, which has 0, goes first. IPv6 routes have the kernel's 1024.
  static let metric: UInt32 = 50

  /// The rtnetlink request that puts the entry there, in place of another one with its key; for everything but peers.
  func putting(device: Int32) -> NetlinkMessage {
    switch self {
    case .address(let address, _): .newAddress(InterfaceAddress(address, linkIndex: device), withoutDetection: true)
    case .forwarding(let mac, let host): .setForwarding(mac, to: host, linkIndex: device)
    case .neighbor(let address, let mac): .setNeighbor(address, macAddress: mac, linkIndex: device)
    case .tunnelRoute, .deviceRoute, .directRoute: .replaceRoute(route(device: device))
    case .peer: preconditionFailure("rtnetlink knows no peers")
    }
  }

  /// The rtnetlink request that removes the entry; for everything but peers.
  func removing(device: Int32) -> NetlinkMessage {
    switch self {
    case .address(let address, _): .deleteAddress(InterfaceAddress(address, linkIndex: device))
    case .forwarding(let mac, let host): .deleteForwarding(mac, to: host, linkIndex: device)
    case .neighbor(let address, _): .deleteNeighbor(address, linkIndex: device)
    case .tunnelRoute, .deviceRoute, .directRoute: .deleteRoute(route(device: device))
    case .peer: preconditionFailure("rtnetlink knows no peers")
    }
  }

  private func route(device: Int32) -> Route {
    var route: Route
    switch self {
    case .tunnelRoute(let destination, let gateway):
      route = Route(to: destination, gateway: gateway, linkIndex: device)
      route.hops[0].isOnLink = true
    case .deviceRoute(let destination, _): route = Route(to: destination, linkIndex: device)
    case .directRoute(let destination, let gateway, let link): route = Route(to: destination, gateway: gateway, linkIndex: link)
    default: preconditionFailure("no route")
    }
    route.origin = Route.overlayOrigin
    if route.destination.family == .v4 { route.priority = KernelEntry.metric }
    return route
  }

  /// A route of ours as the kernel reports it; nil for other routes and for those through a link that is no part of this overlay.
  init?(_ route: Route, _ devices: TunnelDevice.Numbers, overlays: [Subnet]) {
    guard route.origin == Route.overlayOrigin, route.table == 254, route.hops.count == 1, let link = route.linkIndex,
      overlays.contains(where: { $0.overlaps(route.destination) })
    else { return nil }
    guard let gateway = route.gateway else {
      guard let role = devices.role(of: link) else { return nil }
      self = .deviceRoute(route.destination, on: role)
      return
    }
    self =
      link == devices[.main]
      ? .tunnelRoute(route.destination, via: gateway) : .directRoute(route.destination, via: gateway, linkIndex: link)
  }

  /// What is written down about a neighbour behind the tunnel's device, or about where its frames go; nil for what is learnt.
  init?(_ neighbor: Neighbor, device: Int32?) {
    guard let device, neighbor.linkIndex == device, let mac = neighbor.macAddress, let address = neighbor.address,
      neighbor.state.contains(.permanent)
    else { return nil }
    self = neighbor.flags & KernelEntry.ownFlag != 0 ? .forwarding(mac, to: address) : .neighbor(address, mac)
  }

  /// NTF_SELF: an entry of the device's own forwarding table.
  private static let ownFlag: UInt8 = 0x02
}
