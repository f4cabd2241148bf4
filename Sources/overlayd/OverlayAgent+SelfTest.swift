internal import Addresses
internal import Overlay
internal import OverlayDataPlane

extension OverlayAgent {
  /// Begins the self-test, once, as soon as there is a host to try it with.
  func testOnce() {
    guard !isTested, state.isReady, let underlay, let lease, !peers.isEmpty else { return }
    isTested = true
    let family = DataPlanePlan.underlayFamily(lease)
    let candidates = peers.values.filter { $0.fault == nil }.prefix(3).compactMap { peer -> (underlay: IPAddress, tunnel: IPAddress?)? in
      let address = family == .v4 ? peer.lease.publicAddress : peer.lease.publicIPv6Address
      return address.map { ($0, peer.dataPath == .vxlan ? peer.lease.subnets.first?.address : nil) }
    }
    let post = poster
    SelfTest(peers: candidates, underlayMTU: underlay.mtu, device: state.device).start { post(.tested($0)) }
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
