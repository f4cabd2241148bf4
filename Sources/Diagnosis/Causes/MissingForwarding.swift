import Addresses
import Routing
import Rulesets

/// A packet would have to be passed on, and the kernel is told not to.
enum MissingForwarding: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.allHops where !hop.isLocal {
      guard let input = hop.input, !hop.leaving.localAddresses.contains(hop.leaving.destination), !hop.leaving.destination.isLoopback else {
        continue
      }
      let isIPv6 = hop.arriving.family == .v6, facts = situation.facts(hop.namespace)
      let all = isIPv6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward"
      let names = isIPv6 ? ["ipv6/conf/all/forwarding"] : ["ipv4/conf/\(input.name)/forwarding"]
      guard names.contains(where: { facts.setting($0) == "0" }) else { continue }
      let isWhole = isIPv6 || facts.setting("ipv4/ip_forward") == "0"
      let name = isWhole ? all : "net.ipv4.conf.\(input.name).forwarding"
      return Cause(
        "forwarding-off",
        "\(situation.name(hop.namespace)) does not forward \(isIPv6 ? "IPv6" : "IPv4")\(isWhole ? "" : " from \(input.name)")",
        evidence: [situation.command("sysctl \(name)", in: hop.namespace) + ": 0"],
        fix: situation.command("sysctl -w \(name)=1", in: hop.namespace),
        advice: "switches it on until the next boot; write it to /etc/sysctl.d to keep it")
    }
    return nil
  }
}
