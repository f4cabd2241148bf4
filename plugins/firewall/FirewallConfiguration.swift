import CNI
import HostRules
import JSON

/// The keys of the `firewall` plugin, decoded and valid.
struct FirewallConfiguration {
  /// Who may open connections to the container.
  let policy: Isolation.Policy
  /// The zone that firewalld puts the container's addresses into; nil leaves firewalld alone.
  let firewalldZone: String?

  init(_ fields: ConfigurationObject) throws(CNIError) {
    let name = try fields.string("ingressPolicy") ?? Isolation.Policy.open.rawValue
    guard let policy = Isolation.Policy(rawValue: name) else {
      throw CNIError(.invalidConfiguration, "unknown ingress policy: \(JSONValue.string(name).text)")
    }
    self.policy = policy
    let zone = try fields.string("firewalldZone") ?? "trusted"
    switch try fields.string("backend") {
    // Every one of these means the same here: nftables.
    case nil, "iptables", "nftables": firewalldZone = nil
    case "firewalld": firewalldZone = zone
    case let other?:
      throw CNIError(field: fields.path(of: "backend"), expected: "iptables, nftables or firewalld", got: .string(other))
    }
    // The administrator's rules are in a chain of our table that is always asked first, whatever its name was with iptables.
    _ = try fields.string("iptablesAdminChainName")
  }
}
