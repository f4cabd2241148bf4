import Linux
import Netlink
import Overlay
import WireGuard

extension DataPlane {
  /// Whether there are things that the kernel tells nobody of, so that somebody must look: the peers, the key and the port of a WireGuard device.
  public var needsInspection: Bool {
    if case .wireguard = goal?.device { return true }
    return false
  }

  /// Looks at what the kernel tells nobody of, and puts it back where somebody has changed it.
  public mutating func inspect() {
    guard let goal, !mustLook else { return }
    var found: [KernelEntry] = [], isWhole = true
    for role in TunnelDevice.Role.allCases {
      guard case .wireguard(let wanted) = goal.device(role) else { continue }
      guard let state = state(role), state.publicKey == wanted.privateKey.publicKey, state.port == wanted.port else {
        isWhole = false
        continue
      }
      found += peers(state, on: role, goal)
    }
    if isWhole, found.count == present.count(where: \.isPeer), found.allSatisfy(present.contains) { return }
    mustLook = true
    let changes = statistics.changes
    reconcile()
    if statistics.changes != changes { statistics.repairs += 1 }
  }

  private mutating func state(_ role: TunnelDevice.Role) -> WireGuardState? {
    guard let index = devices[role] else { return nil }
    do { return try wireguard?.device(index: index) } catch { return nil }
  }

  /// The peers of a device as entries.
  ///
  /// The kernel sends where a peer's last packet came from, and that is right while packets come: only an endpoint that does not work counts as one
  /// that somebody has changed.
  func peers(_ state: WireGuardState, on role: TunnelDevice.Role, _ goal: DataPlaneGoal) -> [KernelEntry] {
    lazy var wanted = Dictionary(
      goal.entries.compactMap { if case .peer(let peer, role) = $0 { (peer.publicKey, peer) } else { nil } }
    ) { $1 }
    let alive = WallClock.seconds - DataPlane.sessionSeconds
    return state.peers.map { found in
      let entry = KernelEntry.peer(found.peer, on: role)
      guard hasLooked, found.lastHandshake ?? 0 > alive, !goal.entries.contains(entry), let other = wanted[found.peer.publicKey] else {
        return entry
      }
      var peer = found.peer
      peer.endpoint = other.endpoint
      return .peer(peer, on: role)
    }
  }

  /// For how long keys may be used after a handshake: Reject-After-Time of WireGuard's paper.
  private static var sessionSeconds: Int64 { 180 }
}
