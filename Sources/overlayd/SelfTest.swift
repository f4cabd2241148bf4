internal import Addresses
internal import Linux
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane

/// What overlayd tries once it knows the first other hosts: whether packets of the full size get through the underlay and through tunnels that
/// encrypt, and whether the checksums of packets in other tunnels are right when they get there.
///
/// In a tunnel that encrypts no checksum is left to the network card: the kernel computes those inside before it encrypts, and who gets them wrong
/// outside gets nothing through at all.
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

  /// A way through the overlay.
  struct Tunnel: Sendable {
    /// An address at its end.
    var address: IPAddress
    /// The host there.
    var host: IPAddress
  }

  /// The hosts to try on the underlay.
  var hosts: [IPAddress] = []
  /// The tunnels to try without encryption.
  var tunnels: [Tunnel] = []
  /// The tunnels to try with encryption.
  var encrypted: [Tunnel] = []
  /// What the underlay's interface carries, in bytes.
  var underlayMTU: UInt32
  /// What the overlay is to carry, in bytes.
  var mtu: UInt32 = 0
  /// How many bytes encryption adds to a packet.
  var overhead: UInt32 = 0
  /// The device of the tunnels without encryption.
  var device: String?

  /// Knows no host yet.
  init(underlayMTU: UInt32) { self.underlayMTU = underlayMTU }

  /// Tries on a thread of its own.
  func start(_ finished: @escaping @Sendable (Result) -> Void) {
    BackgroundThread.start { finished(run()) }
  }

  private func run() -> Result {
    var result = Result()
    func note(_ largest: UInt32, _ host: IPAddress) {
      if largest < result.underlayMTU ?? underlayMTU { (result.underlayMTU, result.narrow) = (largest, host) }
    }
    for host in hosts {
      // Who does not answer to an echo cannot be tried.
      if var probe = try? PathProbe(host), let largest = SelfTest.limit(&probe, underlayMTU) { note(largest, host) }
    }
    // Here the other host answers even if a packet filter keeps echo requests from it on the underlay.
    for tunnel in encrypted where mtu + overhead <= result.underlayMTU ?? .max {
      if var probe = SelfTest.probe(tunnel), let largest = SelfTest.limit(&probe, mtu) { note(largest + overhead, tunnel.host) }
    }
    for tunnel in tunnels where result.wrongChecksums == nil {
      guard let device, hasWrongChecksums(tunnel, device) else { continue }
      result.wrongChecksums = tunnel.host
    }
    return result
  }

  /// A probe of a tunnel whose other end answers; nil if it does not.
  private static func probe(_ tunnel: Tunnel) -> PathProbe? {
    guard var probe = try? PathProbe(tunnel.address) else { return nil }
    // The other host may have to learn of this one first.
    for _ in 0..<10 where probe.roundTrip() != nil { return probe }
    return nil
  }

  /// The largest packet that gets there, if it is smaller than `most`.
  private static func limit(_ probe: inout PathProbe, _ most: UInt32) -> UInt32? {
    guard let largest = probe.largestPacket(upTo: Int(most)), largest < most else { return nil }
    // A host that is late is not one that a packet does not reach.
    for _ in 0..<3 where probe.roundTrip(packetSize: Int(most)) != nil { return nil }
    return UInt32(largest)
  }

  /// Answers true, with the offload switched off, if that makes the difference.
  private func hasWrongChecksums(_ tunnel: Tunnel, _ device: String) -> Bool {
    guard var probe = SelfTest.probe(tunnel), probe.checksumsArrive() == false else { return false }
    guard (try? ChecksumOffload.set(false, device: device)) != nil else { return false }
    if probe.checksumsArrive() == true { return true }
    // It was something else, a packet filter most likely.
    _ = try? ChecksumOffload.set(true, device: device)
    return false
  }
}
