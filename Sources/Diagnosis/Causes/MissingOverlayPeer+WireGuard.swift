import Addresses
import Inspection
import Routing
import WireGuard

extension MissingOverlayPeer {
  /// A WireGuard device sends only what one of its peers may have, and only once both have agreed on keys.
  static func missingKey(_ hop: Hop, _ situation: Situation) -> Cause? {
    guard let output = hop.output, let address = hop.nextAddress,
      let device = situation.host.namespaces[hop.namespace].wireGuardDevices.first(where: { $0.linkIndex == output.index })
    else { return nil }
    let place = situation.name(hop.namespace)
    guard let found = device.peers.first(where: { $0.peer.allowed.contains { $0.contains(address) } }) else {
      return Cause(
        "overlay-peer-missing", "\(place) does not know which host of the WireGuard device \(output.name) has \(address)",
        evidence: [situation.command("wg show \(output.name) allowed-ips", in: hop.namespace) + ": nothing for \(address)"],
        fix: restart(hop.namespace), advice: advice(hop.namespace))
    }
    guard found.lastHandshake == nil, found.sentBytes > 0 else { return nil }
    let host = found.peer.endpoint.map { "\($0)" } ?? "a host without an address"
    return Cause(
      "overlay-peer-missing", "\(place) and \(host), behind the WireGuard device \(output.name), have not agreed on keys",
      evidence: [situation.command("wg show \(output.name) latest-handshakes", in: hop.namespace) + ": never"], fix: nil,
      advice: "see that UDP gets to \(host), and that each host has the other's public key")
  }
}
