import Addresses
import Linux
public import Netlink
import Routing
import WireGuard

/// Keeps what the kernel holds for one overlay as it is wanted, in the network namespace where it was made.
///
/// It knows what is there from one look at the start, and from then on from what the kernel tells; so a change costs as many requests as things
/// have changed, however many hosts there are.
public struct DataPlane: ~Copyable {
  var routes: RouteSocket
  /// Opened when there is a WireGuard device.
  var wireguard: WireGuardSocket?
  private var monitor: NetworkMonitor
  private(set) var goal: DataPlaneGoal?
  var devices = TunnelDevice.Numbers()
  private(set) var present: Set<KernelEntry> = []
  var mustLook = true
  /// Whether the peers of a WireGuard device have been read before.
  private(set) var hasLooked = false
  private var isUnderlayChanged = false
  /// What has been done so far.
  public internal(set) var statistics = DataPlaneStatistics()

  /// Opens its sockets; changes nothing yet.
  public init() throws(NetlinkError) {
    // The monitor first: what happens while the rest is opened is not missed.
    let monitor = try NetworkMonitor()
    let routes = try RouteSocket()
    self.monitor = monitor
    self.routes = routes
  }

  /// For poll(2): readable when something has happened in the kernel.
  public var descriptor: Int32 { monitor.descriptor }

  /// Whether the underlay's links or addresses may have changed since this was last asked.
  public mutating func takeUnderlayChange() -> Bool {
    defer { isUnderlayChanged = false }
    return isUnderlayChanged
  }

  /// Makes the kernel hold what a goal says.
  public mutating func pursue(_ newGoal: DataPlaneGoal) {
    if newGoal.device != goal?.device || newGoal.ipv6Device != goal?.ipv6Device || newGoal.overlays != goal?.overlays
      || newGoal.deviceName != goal?.deviceName
    {
      mustLook = true
    }
    goal = newGoal
    reconcile()
  }

  /// Takes in what the kernel tells, and puts back what is missing.
  public mutating func repair() {
    var events: [NetworkMonitor.Event] = []
    do { try monitor.receive { events.append($0) } } catch { mustLook = true }
    var isDamaged = false
    for event in events where take(event) { isDamaged = true }
    guard isDamaged else { return }
    let changes = statistics.changes
    reconcile()
    if statistics.changes != changes { statistics.repairs += 1 }
  }

  /// Tries again what the kernel refused.
  public mutating func retry() {
    mustLook = true
    reconcile()
  }

  /// Notes what an event says; answers whether something has to be done about it.
  private mutating func take(_ event: NetworkMonitor.Event) -> Bool {
    guard let goal else {
      switch event {
      case .address, .addressRemoved, .overrun: isUnderlayChanged = true
      default: break
      }
      return false
    }
    switch event {
    case .link(let link):
      if goal.underlayLinks.contains(link.index) { isUnderlayChanged = true }
      for role in TunnelDevice.Role.allCases {
        guard let wanted = goal.device(role), link.index == devices[role] || link.name == wanted.name else { continue }
        // What an event tells may have passed already: our own device is announced before it is complete.
        guard let now = devices[role].flatMap({ try? routes.link(index: $0) }), wanted.fits(now) else { return lookAgain() }
        return false
      }
      // Routes go silently with a link that is switched off.
      return goal.underlayLinks.contains(link.index) && lookAgain()
    case .linkRemoved(let link):
      if goal.underlayLinks.contains(link.index) { isUnderlayChanged = true }
      return (devices.role(of: link.index) != nil || goal.underlayLinks.contains(link.index)) && lookAgain()
    case .address(let address):
      if devices.role(of: address.linkIndex) == nil { isUnderlayChanged = true }
      return false
    case .addressRemoved(let address):
      guard let role = devices.role(of: address.linkIndex) else {
        isUnderlayChanged = true
        // With an address go the routes that need it.
        return goal.underlayLinks.contains(address.linkIndex) && lookAgain()
      }
      // With a device's last IPv4 address its routes go silently.
      return lose(.address(address.address, on: role)) && lookAgain()
    case .route(let route):
      guard let entry = KernelEntry(route, devices, overlays: goal.overlays) else { return isInOurPlace(route) && lookAgain() }
      return gain(entry)
    case .routeRemoved(let route): return KernelEntry(route, devices, overlays: goal.overlays).map { lose($0) } ?? false
    case .neighbor(let neighbor):
      // An entry that is not permanent any more stands where ours was.
      guard let entry = KernelEntry(neighbor, device: devices[.main]) else {
        return neighbor.linkIndex == devices[.main] && isWanted(neighbor) && lookAgain()
      }
      return gain(entry)
    case .neighborRemoved(let neighbor): return KernelEntry(neighbor, device: devices[.main]).map { lose($0) } ?? false
    case .overrun:
      isUnderlayChanged = true
      return lookAgain()
    }
  }

  private mutating func lookAgain() -> Bool {
    mustLook = true
    return true
  }

  private mutating func lose(_ entry: KernelEntry) -> Bool {
    present.remove(entry)
    return goal?.entries.contains(entry) == true
  }

  private mutating func gain(_ entry: KernelEntry) -> Bool {
    present.insert(entry)
    if goal?.entries.contains(entry) == true { return false }
    return true
  }

  /// Whether somebody else's route may have replaced one of ours.
  private func isInOurPlace(_ route: Route) -> Bool {
    guard route.table == 254, route.destination.family == .v6 || route.priority == KernelEntry.metric else { return false }
    return goal?.entries.contains { $0.key == .route(route.destination) } == true
  }

  private func isWanted(_ neighbor: Neighbor) -> Bool {
    goal?.entries.contains { entry in
      switch entry {
      case .neighbor(let address, _): address == neighbor.address
      case .forwarding(let mac, _): mac == neighbor.macAddress && neighbor.flags & 0x02 != 0
      default: false
      }
    } == true
  }

  /// Compares, and carries out the difference.
  mutating func reconcile() {
    guard let goal else { return }
    let stopwatch = Stopwatch()
    statistics.reconciliations += 1
    statistics.faults = []
    do {
      if mustLook {
        try ensureDevices(goal)
        present = try look(goal)
        mustLook = false
      }
      change(goal)
      statistics.isInPlace = true
    } catch {
      statistics.isInPlace = false
      statistics.faults.append("\(error)")
      mustLook = true
    }
    statistics.lastNanoseconds = stopwatch.nanoseconds
    statistics.totalNanoseconds += stopwatch.nanoseconds
  }

  /// What of ours is there now.
  private mutating func look(_ goal: DataPlaneGoal) throws(NetlinkError) -> Set<KernelEntry> {
    var found: Set<KernelEntry> = []
    for family in Set(goal.overlays.map(\.family)) {
      for route in try routes.routes(family) {
        if let entry = KernelEntry(route, devices, overlays: goal.overlays) { found.insert(entry) }
      }
    }
    for role in TunnelDevice.Role.allCases {
      guard let device = devices[role] else { continue }
      for address in try routes.addresses(linkIndex: device) where address.scope == 0 { found.insert(.address(address.address, on: role)) }
      if case .wireguard = goal.device(role), let state = try wireguard?.device(index: device) {
        found.formUnion(peers(state, on: role, goal))
      }
    }
    if needsInspection {
      hasLooked = true
      return found
    }
    guard devices[.main] != nil else { return found }
    for neighbor in try routes.neighbors() + routes.forwardingEntries() {
      if let entry = KernelEntry(neighbor, device: devices[.main]) { found.insert(entry) }
    }
    return found
  }

  private mutating func change(_ goal: DataPlaneGoal) {
    let missing = goal.entries.subtracting(present).sorted { $0.rank < $1.rank }
    // What is replaced need not be removed.
    let kept = Set(goal.entries.map(\.key))
    let replaced = present.filter { !goal.entries.contains($0) && kept.contains($0.key) }
    let excess = present.subtracting(goal.entries).subtracting(replaced).sorted { $0.rank > $1.rank }
    present.subtract(replaced)
    // An address of this host cannot be another one's router: the old ones go first.
    let addresses = excess.filter { $0.rank == 0 }
    carryOut(.removal, addresses)
    carryOut(.setting, missing)
    for entry in missing { present.insert(entry) }
    carryOut(.removal, excess.filter { $0.rank > 0 })
    present.subtract(excess)
  }

  /// How many requests go in one system call: their answers must fit into the socket's buffer.
  private static let batch = 64

  private enum Change { case setting, removal }

  private mutating func carryOut(_ change: Change, _ entries: [KernelEntry]) {
    var position = 0
    while position < entries.count {
      // Peers go by another socket.
      let isPeer = entries[position].isPeer
      let end = entries[position..<min(position + DataPlane.batch, entries.count)].firstIndex { $0.isPeer != isPeer }
      let part = entries[position..<(end ?? min(position + DataPlane.batch, entries.count))]
      do { try perform(change, part) } catch {
        // Which one it was shows when they are repeated one by one; all of them may be.
        for entry in part { perform(change, entry) }
      }
      position = part.endIndex
    }
  }

  private mutating func perform(_ change: Change, _ entries: ArraySlice<KernelEntry>) throws(NetlinkError) {
    guard entries.first?.isPeer == true else {
      return try perform(
        entries.map { entry in
          let index = devices[entry.role] ?? 0
          return change == .setting ? entry.putting(device: index) : entry.removing(device: index)
        })
    }
    var requests: [NetlinkMessage] = []
    for case .peer(let peer, let role) in entries {
      let index = devices[role] ?? 0
      let request =
        change == .setting
        ? wireguard?.setting(peer, linkIndex: index) : wireguard?.removing(peer.publicKey, linkIndex: index)
      if let request { requests.append(request) }
    }
    statistics.changes += UInt64(requests.count)
    try wireguard?.perform(requests)
  }

  mutating func perform(_ requests: [NetlinkMessage]) throws(NetlinkError) {
    statistics.changes += UInt64(requests.count)
    try routes.perform(requests)
  }

  private mutating func perform(_ change: Change, _ entry: KernelEntry) {
    do { try perform(change, [entry]) } catch {
      // What is there already and what is gone already are as they are to be.
      if [.exists, .noEntry, .noProcess, .addressNotAvailable].contains(error.code) { return }
      mustLook = true
      // When the device is gone, the kernel is about to tell so.
      if error.code == .noDevice, entry.isOnDevice { return }
      statistics.faults.append("\(error)")
    }
  }
}
