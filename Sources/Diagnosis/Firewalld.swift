import Addresses
import Rulesets

/// firewalld(1), which keeps rules in zones and policies of its own and owns its table: what others put there is gone with the next reload.
public enum Firewalld {
  /// A policy that `netctl allow` makes: rules between zones, asked before the zones' own.
  public struct Policy: Sendable {
    /// Its name, 18 bytes at most.
    public let name: String
    /// The hook of its rules.
    let hook: String
    /// Where packets come from: `HOST`, or `ANY` for every zone.
    let ingress: String
    /// Where they go.
    let egress: String
  }

  /// One for each direction: what goes to or comes from the host itself is never between two zones.
  public static let policies = [
    Policy(name: "netctl-allow", hook: "forward", ingress: "ANY", egress: "ANY"),
    Policy(name: "netctl-allow-host", hook: "input", ingress: "ANY", egress: "HOST"),
    Policy(name: "netctl-allow-out", hook: "output", ingress: "HOST", egress: "ANY"),
  ]

  /// The commands for a rule that accepts a packet at a hook; nil where firewalld has no place for it. They can be carried out again.
  static func permission(for packet: Packet, hook: String) -> [String]? {
    guard let policy = policies.first(where: { $0.hook == hook }) else { return nil }
    let transport = TransportProtocol(number: packet.protocolNumber)
    let ports = transport.map { " port port=\(packet.destinationPort) protocol=\($0.rawValue)" } ?? ""
    let rule = "rule family=\(packet.family == .v6 ? "ipv6" : "ipv4") destination address=\(packet.destination)\(ports) accept"
    let change = "firewall-cmd -q --permanent"
    return [
      // One that is there already is an error.
      "{ \(change) --new-policy \(policy.name) || true; }", "\(change) --policy \(policy.name) --add-ingress-zone \(policy.ingress)",
      "\(change) --policy \(policy.name) --add-egress-zone \(policy.egress)",
      "\(change) --policy \(policy.name) --add-rich-rule '\(rule)'", "firewall-cmd -q --reload",
    ]
  }
}
