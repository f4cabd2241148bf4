internal import Addresses
internal import Linux
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane
internal import WireGuard

extension OverlayAgent {
  /// Sees to it that this host has a lease, that it says what is true, and that it does not end. Does nothing before a retry is due.
  func settle() async {
    guard let configuration, retry.remaining == 0 else { return }
    do {
      if underlay == nil { underlay = try findUnderlay(configuration) }
      if let lease { try await keep(lease) } else { try await take(configuration) }
      backoff.reset()
    } catch let error as StoreError {
      note(error)
      postpone()
    } catch {
      complain("underlay", "\(error)")
      postpone()
    }
  }

  private func keep(_ mine: Lease) async throws {
    guard let configuration, let underlay else { return }
    if mustCompare {
      if let theirs = known.values.first(where: { $0.overlaps(mine) && !isMine($0, mine) }) { return try await resolve(mine, theirs) }
      mustCompare = false
    }
    var wanted = describe(mine.key, configuration, underlay, since: mine.holder?.since)
    do throws(StoreError) {
      if known[mine.key] == nil {
        log.warning("the lease is gone from the store: taking it again", ["subnet": "\(mine.key)"])
        wanted.holder = holder(since: nil)
        try await claim(wanted, replacing: nil)
      } else if wanted.publicAddresses != mine.publicAddresses {
        log.info("the host's address has changed", ["address": wanted.publicAddresses.map(\.description).joined(separator: " ")])
        try await claim(wanted, replacing: mine)
      } else if (wanted.wireguardKey, wanted.port, wanted.ipv6Port) != (mine.wireguardKey, mine.port, mine.ipv6Port) {
        try await claim(wanted, replacing: mine)
      } else if renewal.remaining == 0 {
        try await claim(wanted, replacing: mine)
      }
    } catch {
      guard case .taken(let theirs) = error else { throw error }
      known[theirs.key] = theirs
      try await resolve(mine, theirs)
    }
  }

  /// Takes the lease that this host has already, or another one.
  private func take(_ configuration: OverlayNetworkConfiguration) async throws {
    guard let underlay else { return }
    let addresses = [underlay.publicAddress, underlay.publicIPv6Address].compactMap { $0 }
    for attempt in 0..<200 {
      let contents = try await store.contents()
      let chooser = LeaseChooser(configuration, contents)
      do throws(StoreError) {
        if attempt < 3, let existing = chooser.existing(node: identity.node, publicAddresses: addresses) {
          let isOwn = existing.holder?.node == identity.node && existing.holder?.instance == identity.instance
          let lease = describe(existing.key, configuration, underlay, since: isOwn ? existing.holder?.since : nil)
          return try await claim(lease, replacing: existing)
        }
        guard let key = chooser.choose(node: identity.node, preferred: attempt == 0 ? identity.last : nil) else {
          throw .refused("every part of \(configuration.pools.map { "\($0.network)" }.joined(separator: " and ")) is taken")
        }
        return try await claim(describe(key, configuration, underlay, since: nil), replacing: nil)
      } catch {
        // Another host was quicker.
        guard case .taken = error else { throw error }
        try? await Task.sleep(for: .milliseconds(.random(in: 1...20)))
      }
    }
    throw StoreError.refused("other hosts were quicker 200 times")
  }

  /// Another host claims this host's network. The later claim gives way.
  private func resolve(_ mine: Lease, _ theirs: Lease) async throws {
    guard let configuration else { return }
    var mine = mine
    // Who has let a lease lapse has no claim to it any more.
    if lastClaim.nanoseconds / 1_000_000_000 > settings.lifetime.seconds { mine.holder = holder(since: nil) }
    let fields: KeyValuePairs = [
      "subnet": "\(mine.key)", "theirs": "\(theirs.key)", "host": theirs.hostName ?? "",
      "address": theirs.publicAddresses.map(\.description).joined(separator: " "),
    ]
    health.update { $0.conflicts += 1 }
    if mine.precedes(theirs) {
      complain("conflict", "another host claims this host's network; this host's claim is the earlier one and stays", fields)
      if mine.key == theirs.key { try await claim(mine, replacing: theirs) }
      return
    }
    log.error(
      "another host has claimed this host's network earlier: taking another one; containers that have addresses of it are cut off", fields)
    let reason = "it belongs to \(theirs.hostName ?? theirs.publicAddresses.map(\.description).joined(separator: " and ")) now"
    for subnet in mine.subnets where !state.lost.contains(where: { $0.subnet == subnet }) {
      state.lost.append(OverlayState.LostSubnet(subnet: subnet, reason: reason))
    }
    if theirs.holder?.node == identity.node {
      identity.renew(log)
      hostKey?.renew(log)
    }
    lease = nil
    state.lease = nil
    try await take(configuration)
  }

  private func claim(_ wanted: Lease, replacing expected: Lease?) async throws(StoreError) {
    try await store.claim(wanted, replacing: expected)
    let isNew = lease?.key != wanted.key
    lease = wanted
    known[wanted.key] = wanted
    lastClaim = Stopwatch()
    let third = settings.lifetime.seconds * 1000 / 3
    renewal = Deadline(milliseconds: Int32(clamping: Int64.random(in: third * 4 / 5...third)))
    identity.note(wanted.key, log)
    state.lease = wanted
    state.lost.removeAll { wanted.subnets.contains($0.subnet) }
    health.update { $0.claims += 1 }
    noteContact()
    if isNew { log.info("lease taken", ["subnet": "\(wanted.key)", "mac": wanted.macAddress.map { "\($0)" } ?? ""]) }
    publishSoon()
  }

  private func describe(
    _ key: LeaseKey, _ configuration: OverlayNetworkConfiguration, _ underlay: Underlay, since: Int64?
  ) -> Lease {
    var lease = Lease(subnet: key.subnet, ipv6Subnet: key.ipv6Subnet, dataPath: configuration.dataPath)
    lease.publicAddress = underlay.publicAddress
    lease.publicIPv6Address = underlay.publicIPv6Address
    if configuration.dataPath == .vxlan {
      lease.vni = configuration.vni
      lease.macAddress = MACAddress(vni: configuration.vni, subnets: key.subnets)
    }
    if let hostKey {
      lease.wireguardKey = hostKey.privateKey.publicKey.description
      lease.port = configuration.port
      if configuration.wireguardMode == .separate, key.ipv6Subnet != nil {
        if key.subnet == nil { lease.port = configuration.ipv6Port } else { lease.ipv6Port = configuration.ipv6Port }
      }
    }
    lease.hostName = HostName.current
    lease.holder = holder(since: since)
    return lease
  }

  private func holder(since: Int64?) -> LeaseHolder {
    LeaseHolder(node: identity.node, instance: identity.instance, since: since ?? WallClock.milliseconds)
  }

  /// The underlay, with the addresses that the configuration takes.
  private func findUnderlay(_ configuration: OverlayNetworkConfiguration) throws -> Underlay {
    let found = try settings.underlay.find(configuration.pools.map(\.network.family))
    let missing: String? =
      switch configuration.wireguardMode {
      case .ipv4: found.publicAddress == nil ? "IPv4" : nil
      case .ipv6: found.publicIPv6Address == nil ? "IPv6" : nil
      case .separate, .automatic: nil
      }
    if configuration.dataPath == .wireguard, let missing {
      throw DaemonSettings.Fault(
        "Backend.Mode: expected a mode that this host has addresses for, got \(configuration.wireguardMode.rawValue), and interface \(found.linkName) has no \(missing) address"
      )
    }
    return found
  }

  /// The underlay's addresses may be others now.
  func lookAtUnderlay() async {
    guard let configuration, underlay != nil else { return }
    do {
      let found = try findUnderlay(configuration)
      if found == underlay { return }
      if (found.publicAddress, found.publicIPv6Address) != (underlay?.publicAddress, underlay?.publicIPv6Address) { store.reconnect() }
      underlay = found
      publishSoon()
      await settle()
    } catch { complain("underlay", "\(error)") }
  }
}
