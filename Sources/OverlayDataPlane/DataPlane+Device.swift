import Linux
import Netlink
import Routing
import WireGuard

extension DataPlane {
  /// The kinds of devices that are ours where they have our name.
  private static let kinds = ["vxlan", WireGuardSocket.kind]

  /// Makes the tunnels' devices, or makes those that are there as they are to be.
  mutating func ensureDevices(_ goal: DataPlaneGoal) throws(NetlinkError) {
    devices = TunnelDevice.Numbers()
    // What is not wanted goes first: it may have the port of what is.
    for role in TunnelDevice.Role.allCases where goal.device(role) == nil {
      guard let found = try routes.link(named: goal.name(role)), let kind = found.kind, DataPlane.kinds.contains(kind) else { continue }
      try perform([.delete(.index(found.index))])
    }
    for role in TunnelDevice.Role.allCases {
      guard let wanted = goal.device(role) else { continue }
      let found = try routes.link(named: wanted.name)
      switch wanted {
      case .vxlan(let wanted): devices[role] = try ensure(wanted, found)
      case .wireguard(let wanted): devices[role] = try ensure(wanted, found)
      }
    }
  }

  /// Answers the device's number.
  private mutating func ensure(_ wanted: VXLANDevice, _ found: Link?) throws(NetlinkError) -> Int32 {
    if let found {
      if found.vxlan?.identifier == wanted.identifier, found.vxlan?.port == wanted.port, found.vxlan?.local == wanted.local {
        if TunnelDevice.vxlan(wanted).fits(found) { return found.index }
        try perform([
          .change(.index(found.index)) {
            $0.mtu = wanted.mtu
            $0.macAddress = wanted.macAddress
            $0.isUp = true
          }
        ])
        return found.index
      }
      try perform([.delete(.index(found.index))])
    }
    statistics.changes += 1
    let index = try routes.create(.create(wanted)).index
    prepare(wanted.name)
    return index
  }

  /// Answers the device's number.
  private mutating func ensure(_ wanted: WireGuardDevice, _ found: Link?) throws(NetlinkError) -> Int32 {
    if wireguard == nil { wireguard = try WireGuardSocket() }
    var found = found
    if let other = found, other.kind != WireGuardSocket.kind {
      try perform([.delete(.index(other.index))])
      found = nil
    }
    let index: Int32
    if let found {
      index = found.index
    } else {
      statistics.changes += 1
      index = try routes.create(.create(wanted)).index
      prepare(wanted.name)
    }
    let state = try wireguard?.device(index: index)
    if state?.publicKey != wanted.privateKey.publicKey || state?.port != wanted.port {
      statistics.changes += 1
      if let request = wireguard?.configuring(wanted, linkIndex: index) { try wireguard?.perform([request]) }
    }
    if let found, TunnelDevice.wireguard(wanted).fits(found) { return index }
    try perform([
      .change(.index(index)) {
        $0.mtu = wanted.mtu
        $0.isUp = true
      }
    ])
    return index
  }

  /// The device listens to no router. Without IPv6 in the kernel there is nothing to set.
  private func prepare(_ name: String) {
    guard let settings = try? InterfaceSettings() else { return }
    for (setting, value) in [("disable_ipv6", "0"), ("accept_ra", "0"), ("accept_dad", "0")] {
      try? settings.setIPv6(name, setting, value)
    }
  }
}
