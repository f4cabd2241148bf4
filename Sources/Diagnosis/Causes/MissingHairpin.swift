import Routing

/// A container asks itself by a published port, and the bridge does not send frames back by the port that they came in by.
enum MissingHairpin: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.hops {
      guard let bridge = hop.crossing?.bridge, let port = bridge.output, let input = hop.input, input.index == bridge.link.index,
        let target = hop.crossing?.target, target.namespace == situation.originNamespace, port.port?.hairpin == false
      else { continue }
      return Cause(
        "hairpin-off",
        "\(situation.name(target.namespace)) cannot reach itself by its published port: \(port.name) sends nothing back by the way it came",
        evidence: ["bridge -d link show dev \(port.name): hairpin off"],
        fix: situation.command("bridge link set dev \(port.name) hairpin on", in: bridge.namespace),
        advice: "switches it on for this container")
    }
    return nil
  }
}
