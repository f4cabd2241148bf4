import Routing
import Rulesets

/// A bridge's port does not pass frames, keeps them from another isolated port, or is in another VLAN.
enum BridgePortBlocked: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for (hop, crossing) in situation.crossings {
      guard let bridge = crossing.bridge else { continue }
      for port in [bridge.input, bridge.output].compactMap({ $0 }) {
        if let state = port.port, !state.isForwarding, port.isUp {
          let name = ["disabled", "listening", "learning", "forwarding", "blocking"][min(Int(state.state), 4)]
          return Cause(
            "port-not-forwarding", "port \(port.name) of bridge \(bridge.link.name) is \(name): it passes no frames",
            evidence: ["bridge -d link show dev \(port.name): state \(name)"],
            fix: situation.command(
              "ip link set \(bridge.link.name) type bridge stp_state 0 && ip link set \(port.name) down && ip link set \(port.name) up",
              in: bridge.namespace), advice: "switches the spanning tree protocol off, which containers do not need")
        }
      }
      // Our firewall plugin's isolation is more than that.
      let isPolicy = hop.bridged?.decision?.chain.maker == "ours"
      if !isPolicy, let input = bridge.input, let output = bridge.output, input.port?.isolated == true, output.port?.isolated == true {
        return Cause(
          "port-isolated", "ports \(input.name) and \(output.name) of bridge \(bridge.link.name) are kept apart: both are isolated",
          evidence: ["bridge -d link show dev \(output.name): isolated on"],
          fix: situation.command("bridge link set dev \(output.name) isolated off", in: bridge.namespace),
          advice: "lets the one reach all others")
      }
      if let cause = vlan(bridge, situation) { return cause }
    }
    return nil
  }

  /// On a bridge that filters VLANs, a frame belongs to the VLAN of the port that it came in by, and leaves by the ports that are in it.
  private static func vlan(_ bridge: Crossing.Bridge, _ situation: Situation) -> Cause? {
    guard bridge.link.bridge?.filtersVLANs == true else { return nil }
    let vlans = situation.facts(bridge.namespace).bridgeVLANs
    let from = bridge.input ?? bridge.link, to = bridge.output ?? bridge.link
    let native = vlans[from.index]?.first(where: \.isNative)?.first, members = vlans[to.index] ?? []
    guard from.index != to.index else { return nil }
    let list = { (all: [BridgeVLAN]) in
      all.isEmpty ? "none" : all.map { "\($0.first)\($0.isNative ? " PVID" : "")" }.joined(separator: ", ")
    }
    // The port of the container is the one to change.
    let port = bridge.output ?? from, other = port.index == to.index ? native : members.first(where: \.isNative)?.first
    if let native, members.contains(where: { ($0.first...$0.last).contains(native) && $0.isUntagged }) { return nil }
    guard let vid = other ?? native ?? members.first(where: \.isNative)?.first else { return nil }
    let own = port.index == bridge.link.index ? " self" : ""
    let removal = (vlans[port.index] ?? []).filter(\.isNative).map { "bridge vlan del dev \(port.name) vid \($0.first)\(own); " }.joined()
    return Cause(
      "wrong-vlan", "\(from.name) and \(to.name) of bridge \(bridge.link.name) are in different VLANs",
      evidence: [
        "bridge vlan show dev \(from.name): \(list(vlans[from.index] ?? []))", "bridge vlan show dev \(to.name): \(list(members))",
      ],
      fix: situation.command("\(removal)bridge vlan add dev \(port.name) vid \(vid) pvid untagged\(own)", in: bridge.namespace),
      advice: "puts \(port.name) into VLAN \(vid)")
  }
}
