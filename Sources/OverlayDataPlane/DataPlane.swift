import Addresses
import Linux
public import Netlink
import Routing

/// Keeps what the kernel holds for one overlay as it is wanted, in the network namespace where it was made.
///
/// It knows what is there from one look at the start, and from then on from what the kernel tells; so a change costs as many requests as things
/// have changed, however many hosts there are.
public struct DataPlane: ~Copyable {
  private var routes: RouteSocket
  private var monitor: NetworkMonitor
  private var goal: DataPlaneGoal?
  private var device: Int32?
  private var present: Set<KernelEntry> = []
  private var mustLook = true
  private var isUnderlayChanged = false
  /// What has been done so far.
  public private(set) var statistics = DataPlaneStatistics()

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
    if newGoal.device != goal?.device || newGoal.overlays != goal?.overlays || newGoal.deviceName != goal?.deviceName { mustLook = true }
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
      guard let wanted = goal.device, link.index == device || link.name == wanted.name else {
        // Routes go silently with a link that is switched off.
        return goal.underlayLinks.contains(link.index) && lookAgain()
      }
      // What an event tells may have passed already: our own device is announced before it is complete.
      guard let now = device.flatMap({ try? routes.link(index: $0) }), DataPlane.fits(now, wanted) else { return lookAgain() }
      return false
    case .linkRemoved(let link):
      if goal.underlayLinks.contains(link.index) { isUnderlayChanged = true }
      return (link.index == device || goal.underlayLinks.contains(link.index)) && lookAgain()
    case .address(let address):
      if address.linkIndex != device { isUnderlayChanged = true }
      return false
    case .addressRemoved(let address):
      guard address.linkIndex == device else {
        isUnderlayChanged = true
        // With an address go the routes that need it.
        return goal.underlayLinks.contains(address.linkIndex) && lookAgain()
      }
      // With a device's last IPv4 address its routes go silently.
      return lose(.address(address.address)) && lookAgain()
    case .route(let route):
      guard let entry = KernelEntry(route, device: device, overlays: goal.overlays) else { return isInOurPlace(route) && lookAgain() }
      return gain(entry)
    case .routeRemoved(let route): return KernelEntry(route, device: device, overlays: goal.overlays).map { lose($0) } ?? false
    case .neighbor(let neighbor):
      // An entry that is not permanent any more stands where ours was.
      guard let entry = KernelEntry(neighbor, device: device) else {
        return neighbor.linkIndex == device && isWanted(neighbor) && lookAgain()
      }
      return gain(entry)
    case .neighborRemoved(let neighbor): return KernelEntry(neighbor, device: device).map { lose($0) } ?? false
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
  private mutating func reconcile() {
    guard let goal else { return }
    let stopwatch = Stopwatch()
    statistics.reconciliations += 1
    statistics.faults = []
    do {
      if mustLook {
        try ensureDevice(goal)
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

  private mutating func ensureDevice(_ goal: DataPlaneGoal) throws(NetlinkError) {
    let found = try routes.link(named: goal.deviceName)
    guard let wanted = goal.device else {
      device = nil
      if let found, found.kind == "vxlan" { try perform([.delete(.index(found.index))]) }
      return
    }
    if let found {
      if found.vxlan?.identifier == wanted.identifier, found.vxlan?.port == wanted.port, found.vxlan?.local == wanted.local {
        device = found.index
        if DataPlane.fits(found, wanted) { return }
        return try perform([
          .change(.index(found.index)) {
            $0.mtu = wanted.mtu
            $0.macAddress = wanted.macAddress
            $0.isUp = true
          }
        ])
      }
      try perform([.delete(.index(found.index))])
    }
    statistics.changes += 1
    device = try routes.create(.create(wanted)).index
    prepare(wanted.name)
  }

  private static func fits(_ link: Link, _ wanted: VXLANDevice) -> Bool {
    link.isUp && link.name == wanted.name && link.mtu == wanted.mtu && link.macAddress == wanted.macAddress
  }

  /// The device listens to no router. Without IPv6 in the kernel there is nothing to set.
  private func prepare(_ name: String) {
    guard let settings = try? InterfaceSettings() else { return }
    for (setting, value) in [("disable_ipv6", "0"), ("accept_ra", "0"), ("accept_dad", "0")] {
      try? settings.setIPv6(name, setting, value)
    }
  }

  /// What of ours is there now.
  private mutating func look(_ goal: DataPlaneGoal) throws(NetlinkError) -> Set<KernelEntry> {
    var found: Set<KernelEntry> = []
    for family in Set(goal.overlays.map(\.family)) {
      for route in try routes.routes(family) {
        if let entry = KernelEntry(route, device: device, overlays: goal.overlays) { found.insert(entry) }
      }
    }
    guard let device else { return found }
    for address in try routes.addresses(linkIndex: device) where address.scope == 0 { found.insert(.address(address.address)) }
    for neighbor in try routes.neighbors() + routes.forwardingEntries() {
      if let entry = KernelEntry(neighbor, device: device) { found.insert(entry) }
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
    carryOut(addresses, goal) { $0.removing(device: $1) }
    carryOut(missing, goal) { $0.putting(device: $1) }
    for entry in missing { present.insert(entry) }
    carryOut(excess.filter { $0.rank > 0 }, goal) { $0.removing(device: $1) }
    present.subtract(excess)
  }

  /// How many requests go in one system call: their answers must fit into the socket's buffer.
  private static let batch = 64

  private mutating func carryOut(_ entries: [KernelEntry], _ goal: DataPlaneGoal, _ request: (KernelEntry, Int32) -> NetlinkMessage) {
    let index = device ?? 0
    var position = 0
    while position < entries.count {
      let end = min(position + DataPlane.batch, entries.count)
      let part = entries[position..<end]
      do { try perform(part.map { request($0, index) }) } catch {
        // Which one it was shows when they are repeated one by one; all of them may be.
        for entry in part { perform(request(entry, index), entry) }
      }
      position = end
    }
  }

  private mutating func perform(_ requests: [NetlinkMessage]) throws(NetlinkError) {
    statistics.changes += UInt64(requests.count)
    try routes.perform(requests)
  }

  private mutating func perform(_ request: NetlinkMessage, _ entry: KernelEntry) {
    do { try perform([request]) } catch {
      // What is there already and what is gone already are as they are to be.
      if [.exists, .noEntry, .noProcess, .addressNotAvailable].contains(error.code) { return }
      mustLook = true
      // When the device is gone, the kernel is about to tell so.
      if error.code == .noDevice, entry.isOnDevice { return }
      statistics.faults.append("\(error)")
    }
  }
}
