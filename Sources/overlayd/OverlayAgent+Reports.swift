internal import Linux
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane
internal import Routing
internal import WireGuard

extension OverlayAgent {
  /// The store has answered.
  func noteContact() {
    if let fault = state.storeFault { log.info("the store answers again", ["store": "\(store)", "fault": fault]) }
    state.storeFault = nil
    state.lastContact = WallClock.seconds
    let now = WallClock.seconds
    health.update { ($0.isStoreLost, $0.lastContact) = (false, now) }
  }

  /// The store has not answered, or refused.
  func note(_ error: StoreError) {
    health.update {
      $0.isStoreLost = true
      $0.storeFailures += 1
      if !$0.isReady { $0.obstacle = "\(error)" }
    }
    guard state.storeFault != error.description else { return }
    state.storeFault = error.description
    let fields: KeyValuePairs = ["store": "\(store)", "reason": error.description]
    if case .lostContact = error { return log.warning("the store does not answer; the data plane stays as it is", fields) }
    log.error("the store refuses; the data plane stays as it is", fields)
  }

  /// Records that cannot be read are named once.
  func report(_ unreadable: [String: String]) {
    for (name, reason) in unreadable {
      complain("record \(name)", "a record cannot be read and is skipped", ["record": name, "reason": reason])
    }
    for name in faults.keys where name.hasPrefix("record ") && unreadable[String(name.dropFirst(7))] == nil { faults[name] = nil }
  }

  /// Says what is wrong with something, once.
  func complain(_ subject: String, _ fault: String, _ fields: KeyValuePairs<String, String> = [:]) {
    let text = "\(fault) \(fields)"
    if faults[subject] == text { return }
    faults[subject] = text
    health.update { if !$0.isReady { $0.obstacle = fault } }
    log.error(fault, fields)
  }

  /// The data plane has done something.
  func take(_ statistics: DataPlaneStatistics) {
    let last = health.current.statistics
    if statistics.repairs > last.repairs, lease != nil {
      log.warning("put back what somebody had removed or changed", ["changes": "\(statistics.changes - last.changes)"])
    }
    if statistics.changes != last.changes { keepOffloadOff() }
    for fault in statistics.faults where !last.faults.contains(fault) { log.error("the kernel refuses", ["reason": fault]) }
    health.update { $0.statistics = statistics }
    let isReady = lease != nil && statistics.isInPlace
    if isReady && !health.current.isReady {
      log.info("ready", ["subnet": lease.map { "\($0.key)" } ?? "", "mtu": "\(state.mtu)", "peers": "\(peers.count)"])
      ServiceManager()?.notify("READY=1\nSTATUS=\(lease.map { "\($0.key)" } ?? "")")
    }
    state.isReady = isReady
    health.update {
      $0.isReady = isReady
      if let fault = statistics.faults.first { $0.obstacle = fault }
    }
    writeDown()
  }

  /// Tells plugin, netctl and berth what has changed; the time of the last contact alone every ten seconds.
  func writeDown() {
    var comparable = state
    comparable.lastContact = written?.lastContact
    let isStale = (state.lastContact ?? 0) - (written?.lastContact ?? 0) >= min(10, max(1, settings.contactLimit / 4))
    do {
      if comparable != written || isStale {
        try folder.write(state)
        written = state
      }
      if mustWritePeers {
        try folder.write(peers.values.sorted { $0.lease.key.description < $1.lease.key.description })
        mustWritePeers = false
      }
      faults["state"] = nil
    } catch { complain("state", "the state folder cannot be written", ["reason": "\(error)"]) }
    countDrops()
  }

  private func countDrops() {
    let names = [state.device, state.ipv6Device].compactMap { $0 }
    guard !names.isEmpty, var routes = try? RouteSocket(),
      let links = try? routes.links(kind: lease?.dataPath == .wireguard ? WireGuardSocket.kind : "vxlan", withTraffic: true)
    else { return }
    let traffic = links.filter { names.contains($0.name) }.compactMap(\.traffic)
    if traffic.isEmpty { return }
    let dropped = traffic.reduce((received: UInt64(0), sent: UInt64(0))) { ($0.received + $1.receivedDropped, $0.sent + $1.sentDropped) }
    health.update { $0.dropped = dropped }
  }
}
