import Linux
import Routing

/// The route leads into a VXLAN, and nothing says which host is behind it.
enum MissingOverlayPeer: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.allHops {
      guard let output = hop.output, output.kind == "vxlan", let address = hop.nextAddress else { continue }
      let facts = situation.facts(hop.namespace), place = situation.name(hop.namespace)
      let neighbor = facts.neighbors.first { $0.linkIndex == output.index && $0.address == address }
      let show = situation.command("ip neigh show \(address) dev \(output.name)", in: hop.namespace)
      guard let mac = neighbor?.macAddress, neighbor?.state.contains(.failed) == false else {
        return Cause(
          "overlay-peer-missing", "\(place) does not know who has \(address) in the overlay \(output.name)",
          evidence: [show + ": " + (neighbor == nil ? "nothing" : "FAILED")], fix: restart(hop.namespace),
          advice: advice(hop.namespace))
      }
      let hasEntry = facts.forwardingEntries.contains { $0.linkIndex == output.index && ($0.macAddress == mac && $0.address != nil) }
      if !hasEntry, output.vxlan?.remote == nil {
        return Cause(
          "overlay-peer-missing", "\(place) does not know which host \(mac) of the overlay \(output.name) is on",
          evidence: [situation.command("bridge fdb show dev \(output.name)", in: hop.namespace) + ": no entry for \(mac)"],
          fix: restart(hop.namespace), advice: advice(hop.namespace))
      }
    }
    return nil
  }

  /// Starts the daemon anew, where systemd starts one at boot: then it writes all entries again, and if it did not run, it runs.
  private static func restart(_ namespace: Int) -> String? {
    let folder = "/etc/systemd/system/multi-user.target.wants"
    let units = (try? FileSystem.names(in: folder)) ?? []
    let daemons = units.filter { $0.hasPrefix("overlayd@") || $0 == "flanneld.service" || $0 == "flannel.service" }.sorted()
    // A container's overlay has a daemon elsewhere; and a unit's name may be anything.
    guard namespace == 0, !daemons.isEmpty, daemons.allSatisfy({ $0.utf8.allSatisfy(Situation.isPlain) }) else { return nil }
    return "systemctl restart \(daemons.joined(separator: " "))"
  }

  private static func advice(_ namespace: Int) -> String {
    restart(namespace) == nil
      ? "the daemon of the overlay writes it: see whether it runs here and there (overlayd, flanneld)"
      : "the daemon of the overlay writes it; if it does not help, see whether the daemon runs on the other host"
  }
}
