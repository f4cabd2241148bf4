internal import Addresses
internal import Overlay
internal import OverlayDataPlane

extension OverlayAgent {
  /// Begins the self-test, once, as soon as there is a host to try it with.
  func testOnce() {
    guard !isTested, state.isReady, let configuration, let underlay, let lease, !peers.isEmpty else { return }
    isTested = true
    let chosen = peers.values.filter { $0.fault == nil }.prefix(3)
    let families = DataPlanePlan.tunnelFamilies(configuration, lease)
    var test = SelfTest(underlayMTU: underlay.mtu)
    test.hosts = chosen.flatMap { peer in families.compactMap { peer.lease.publicAddress($0) } }
    func tunnels(_ path: DataPath, _ count: Int) -> [SelfTest.Tunnel] {
      chosen.filter { $0.dataPath == path }.flatMap { peer in
        peer.lease.subnets.prefix(count).map { SelfTest.Tunnel(address: $0.address, host: peer.lease.publicAddresses.first ?? $0.address) }
      }
    }
    (test.tunnels, test.device) = (tunnels(.vxlan, 1), state.device)
    // Each family may have a tunnel of its own.
    (test.encrypted, test.mtu, test.overhead) = (tunnels(.wireguard, 2), state.mtu, DataPlanePlan.overhead(configuration, lease))
    let post = poster
    test.start { post(.tested($0)) }
  }

  /// Takes the consequences.
  func take(_ result: SelfTest.Result) {
    if let mtu = result.underlayMTU, let host = result.narrow {
      log.warning(
        "the underlay carries smaller packets than its interface says: the MTU is lowered", ["host": "\(host)", "underlayMTU": "\(mtu)"])
      narrowest = mtu
      publishSoon()
    }
    if let host = result.wrongChecksums, let device = state.device {
      log.warning(
        "packets in the tunnel arrive with wrong checksums: the checksum offload is switched off on its device only",
        ["host": "\(host)", "device": device])
      isOffloadOff = true
    }
    if result.underlayMTU == nil && result.wrongChecksums == nil { log.info("self-test: packets of the full size and checksums arrive") }
  }

  /// A device that was made anew has the offload again.
  func keepOffloadOff() {
    guard isOffloadOff, let device = state.device else { return }
    do { try ChecksumOffload.set(false, device: device) } catch { complain("offload", "\(error)") }
  }
}
