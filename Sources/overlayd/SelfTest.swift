internal import Addresses
internal import Linux
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane

/// What overlayd tries once it knows the first other hosts: whether packets of the full size get through the underlay, and whether the checksums
/// of packets in the tunnel are right when they get there.
struct SelfTest: Sendable {
  /// What was found.
  struct Result: Sendable {
    /// The largest packet that the underlay carries to a host, if that is less than its interface says.
    var underlayMTU: UInt32?
    /// The host that it was found with.
    var narrow: IPAddress?
    /// The host that got wrong checksums until the offload was switched off.
    var wrongChecksums: IPAddress?
  }

  /// The hosts to try: underlay and tunnel address.
  var peers: [(underlay: IPAddress, tunnel: IPAddress?)]
  /// What the underlay's interface carries, in bytes.
  var underlayMTU: UInt32
  /// The tunnel's device.
  var device: String?

  /// Tries on a thread of its own.
  func start(_ finished: @escaping @Sendable (Result) -> Void) {
    BackgroundThread.start { finished(run()) }
  }

  private func run() -> Result {
    var result = Result()
    for peer in peers {
      // Who does not answer to an echo cannot be tried.
      guard var probe = try? PathProbe(peer.underlay), let largest = probe.largestPacket(upTo: Int(underlayMTU)) else { continue }
      if largest < Int(result.underlayMTU ?? underlayMTU) { (result.underlayMTU, result.narrow) = (UInt32(largest), peer.underlay) }
    }
    for peer in peers where result.wrongChecksums == nil {
      guard let device, let tunnel = peer.tunnel, hasWrongChecksums(tunnel, device) else { continue }
      result.wrongChecksums = peer.underlay
    }
    return result
  }

  /// Answers true, with the offload switched off, if that makes the difference.
  private func hasWrongChecksums(_ tunnel: IPAddress, _ device: String) -> Bool {
    guard var probe = try? PathProbe(tunnel) else { return false }
    // The other host may have to learn of this one first.
    for _ in 0..<10 where probe.roundTrip() == nil {}
    guard probe.checksumsArrive() == false else { return false }
    guard (try? ChecksumOffload.set(false, device: device)) != nil else { return false }
    if probe.checksumsArrive() == true { return true }
    // It was something else, a packet filter most likely.
    _ = try? ChecksumOffload.set(true, device: device)
    return false
  }
}
