internal import Addresses
internal import Linux
internal import Netlink
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane
internal import Routing
internal import WireGuard

/// The daemon of one network: keeps this host's lease, and the kernel as the leases of all hosts say.
///
/// Everything that happens comes through one inbox and is dealt with in its order. The data plane repairs itself on its own thread meanwhile.
actor OverlayAgent {
  /// What happens to it.
  enum Event: Sendable {
    case store(StoreEvent)
    case underlayChanged
    case dataPlane(DataPlaneStatistics)
    case tested(SelfTest.Result)
    case tick
    case publish
  }

  nonisolated let health = HealthReport()
  let settings: DaemonSettings
  let folder: StateFolder
  let log: Logger
  let store: any LeaseStore
  var identity: HostIdentity
  var configuration: OverlayNetworkConfiguration?
  /// This host's WireGuard key; nil for another data plane.
  var hostKey: HostKey?
  var underlay: Underlay?
  var lease: Lease? { didSet { mustCompare = true } }
  /// When the lease was last written, and when that is due again.
  var lastClaim = Stopwatch()
  var renewal = Deadline(milliseconds: 0)
  var known: [LeaseKey: Lease] = [:] { didSet { mustCompare = true } }
  /// Whether somebody else may have claimed this host's network since that was last looked for: among thousands of leases that takes a while.
  var mustCompare = true
  var isKnown = false
  var state: OverlayState
  var written: OverlayState?
  var peers: [LeaseKey: OverlayPeer] = [:]
  var mustWritePeers = false
  var mustPublish = false
  var backoff = Backoff()
  var retry = Deadline(milliseconds: 0)
  /// Whether the store has stopped reporting.
  private var isStoreLost = false
  var faults: [String: String] = [:]
  /// The self-test, and what it has found: the underlay's real limit in bytes, and whether checksums are left to nobody.
  var isTested = false
  var narrowest: UInt32?
  var isOffloadOff = false
  private let inbox: AsyncStream<Event>
  private let post: AsyncStream<Event>.Continuation
  private let dataPlane: DataPlaneThread

  /// Opens the store; the work begins with `run`.
  init(_ settings: DaemonSettings, _ folder: StateFolder, _ log: Logger) throws {
    self.settings = settings
    self.folder = folder
    self.log = log
    identity = try HostIdentity(network: settings.network, folder: settings.dataFolder, log)
    store = try StoreAddress.open(settings, writer: identity.instance)
    var state = OverlayState(network: settings.network)
    // What the last run left is valid until more is known: containers can be attached meanwhile.
    if let last = try? folder.state() { state = last }
    state.process = ThisProcess.id
    state.contactLimit = settings.contactLimit
    self.state = state
    let (inbox, post) = AsyncStream<Event>.makeStream()
    self.inbox = inbox
    self.post = post
    dataPlane = DataPlaneThread(underlayChanged: { post.yield(.underlayChanged) }, finished: { post.yield(.dataPlane($0)) })
  }

  /// Works for good.
  func run() async {
    log.info("starting", ["store": "\(store)", "node": identity.node, "instance": identity.instance])
    let post = post, store = store
    Task {
      while true {
        try? await Task.sleep(for: .seconds(1))
        post.yield(.tick)
      }
    }
    await findConfiguration()
    Task { for await event in store.events() { post.yield(.store(event)) } }
    for await event in inbox {
      health.update { $0.heartbeat = Stopwatch() }
      await handle(event)
    }
  }

  private func handle(_ event: Event) async {
    switch event {
    case .store(let event): await handle(event)
    case .underlayChanged: await lookAtUnderlay()
    case .dataPlane(let statistics): take(statistics)
    case .tested(let result): take(result)
    case .tick:
      if isKnown { await settle() }
      testOnce()
      writeDown()
    case .publish:
      mustPublish = false
      publish()
    }
  }

  private func handle(_ event: StoreEvent) async {
    switch event {
    case .contents(let contents):
      report(contents.faults)
      let leases = Dictionary(contents.leases.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      if leases != known { publishSoon() }
      known = leases
      isKnown = true
      noteReturn()
      await settle()
    case .changes(let changes):
      for change in changes {
        switch change {
        case .put(let lease): known[lease.key] = lease
        case .removed(let key): known[key] = nil
        }
      }
      noteContact()
      publishSoon()
      await settle()
    case .contact:
      noteReturn()
      if isKnown { await settle() }
    case .failed(let error):
      isStoreLost = true
      note(error)
    }
  }

  /// What had to wait for the store need not wait any more: the lease may be about to end.
  private func noteReturn() {
    if isStoreLost { retry = Deadline(milliseconds: 0) }
    isStoreLost = false
    noteContact()
  }

  /// Puts events into the inbox.
  var poster: @Sendable (Event) -> Void {
    let post = post
    return { post.yield($0) }
  }

  /// All that is in the inbox by now is taken in before the kernel is changed.
  func publishSoon() {
    if mustPublish { return }
    mustPublish = true
    post.yield(.publish)
  }

  /// Comes back to what failed, after a while.
  func postpone() {
    let pause = backoff.next()
    retry = Deadline(milliseconds: Int32(pause / .milliseconds(1)))
    let post = post
    Task {
      try? await Task.sleep(for: pause)
      post.yield(.tick)
    }
  }

  private func findConfiguration() async {
    while configuration == nil {
      do throws(StoreError) {
        let found = try await store.configuration()
        if found.dataPath == .wireguard { hostKey = try prepareWireGuard() }
        configuration = found
        noteContact()
        log.info(
          "configuration", ["networks": found.pools.map { "\($0.network)" }.joined(separator: " "), "datapath": found.dataPath.rawValue])
      } catch {
        note(error)
        writeDown()
        health.update { $0.heartbeat = Stopwatch() }
        try? await Task.sleep(for: backoff.next())
      }
    }
    backoff.reset()
  }

  /// Makes sure that the kernel has WireGuard, and answers this host's key.
  private func prepareWireGuard() throws(StoreError) -> HostKey {
    do { _ = try WireGuardSocket() } catch {
      throw .refused("\(store): Backend.Type: expected vxlan or host-gw, got wireguard, and \(error.explanation ?? "\(error)")")
    }
    let key = HostKey(network: settings.network, folder: settings.dataFolder, log)
    log.info("WireGuard", ["publicKey": "\(key.privateKey.publicKey)"])
    return key
  }

  /// Programs the kernel for the leases that are known.
  private func publish() {
    guard let configuration, let lease, let underlay, isKnown else { return writeDown() }
    state.overlays = configuration.pools.map(\.network)
    let mtu = DataPlanePlan.mtu(configuration, underlayMTU: min(underlay.mtu, narrowest ?? .max), lease)
    if mtu != state.mtu, let wanted = configuration.mtu, wanted > mtu {
      log.warning(
        "the MTU is lowered to what the underlay carries",
        ["configured": "\(wanted)", "mtu": "\(mtu)", "interface": underlay.linkName, "interfaceMTU": "\(underlay.mtu)"])
    }
    state.mtu = mtu
    let leases = peerLeases(of: lease)
    var plan = DataPlanePlan(configuration, own: lease, underlay: underlay, mtu: mtu)
    plan.privateKey = hostKey?.privateKey
    let (goal, paths) = plan.goal(leases)
    (state.device, state.ipv6Device) = (goal.device?.name, goal.ipv6Device?.name)
    note(leases, paths)
    enableForwarding(configuration)
    dataPlane.pursue(goal)
    let count = (known: known.count, peers: leases.count, unreachable: peers.values.count { $0.fault != nil })
    health.update { ($0.leases, $0.peers, $0.unreachable) = count }
    writeDown()
  }

  /// The other hosts' leases. Of two that claim one network the earlier one counts.
  private func peerLeases(of own: Lease) -> [Lease] {
    var holders: [Subnet: Lease] = [:]
    for lease in known.values where !isMine(lease, own) && !lease.overlaps(own) {
      for subnet in lease.subnets {
        if let other = holders[subnet], !lease.precedes(other) { continue }
        holders[subnet] = lease
      }
    }
    return known.values.filter { lease in lease.subnets.allSatisfy { holders[$0] == lease } }
  }

  /// Whether a record in the store is this host's.
  func isMine(_ record: Lease, _ own: Lease) -> Bool {
    if record.isHeld(bySameAs: own) { return true }
    let addresses = own.publicAddresses
    return !record.publicAddresses.isEmpty && record.publicAddresses.allSatisfy(addresses.contains)
      && (record.holder == nil || record.key != own.key)
  }

  private func note(_ leases: [Lease], _ paths: [LeaseKey: Result<DataPath, PeerFault>]) {
    var current: [LeaseKey: OverlayPeer] = [:]
    for var lease in leases {
      lease.expiry = nil
      let old = peers[lease.key]
      var peer = OverlayPeer(
        lease: lease, dataPath: lease.dataPath, lastChange: old?.lease == lease ? old?.lastChange ?? 0 : WallClock.seconds)
      switch paths[lease.key] {
      case .success(let path): peer.dataPath = path
      case .failure(let fault):
        peer.fault = fault.description
        if old?.fault != peer.fault { log.warning("a host cannot be reached", ["peer": "\(lease.key)", "reason": fault.description]) }
      case nil: break
      }
      if old == nil {
        log.info("host joined", ["peer": "\(lease.key)", "address": lease.publicAddresses.map(\.description).joined(separator: " ")])
      }
      current[lease.key] = peer
    }
    for key in peers.keys where current[key] == nil { log.info("host left", ["peer": "\(key)"]) }
    if current != peers { mustWritePeers = true }
    peers = current
  }

  private func enableForwarding(_ configuration: OverlayNetworkConfiguration) {
    do {
      if configuration.ipv4 != nil { try SysctlFolder("ipv4").ensure("ip_forward", "1") }
      if configuration.ipv6 != nil { try SysctlFolder("ipv6/conf").ensure("all/forwarding", "1") }
    } catch { log.error("the host does not pass packets on", ["reason": "\(error)"]) }
  }
}
