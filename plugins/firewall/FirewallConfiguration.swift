import Addresses
import CNI
import HostRules
import JSON

/// The keys of the `firewall` plugin, decoded and valid.
struct FirewallConfiguration {
  /// Who may open connections to the container.
  let policy: Isolation.Policy
  /// The zone that firewalld puts the container's addresses into; nil leaves firewalld alone.
  let firewalldZone: String?
  /// Whether containers that the policy isolates may be linked: the capability `links` is declared.
  let allowsLinks: Bool
  /// The ports of others that the container may connect to all the same.
  let linkedPorts: [Links.Port]

  init(_ request: PluginRequest) throws(CNIError) {
    let fields = request.configuration.fields
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
    let isDeclared = try fields.object("capabilities")?.flag("links") ?? false
    allowsLinks = policy == .isolated && isDeclared
    linkedPorts = try FirewallConfiguration.linkedPorts(try request.configuration.runtimeConfig())
  }

  /// Reads `runtimeConfig.links`: `[{"containerID": "…", "ports": [{"port": 3306, "protocol": "tcp"}]}]`.
  private static func linkedPorts(_ fields: ConfigurationObject) throws(CNIError) -> [Links.Port] {
    var linked: [Links.Port] = []
    for link in try fields.objects("links") ?? [] {
      guard let id = try link.string("containerID") else {
        throw CNIError(missingField: link.path(of: "containerID"), expected: "the ID of a container")
      }
      guard Identifier.isValid(id) else {
        throw CNIError(field: link.path(of: "containerID"), expected: "the ID of a container", got: .string(id))
      }
      for port in try link.objects("ports") ?? [] {
        guard let number = try port.integer("port", in: 1...65535) else {
          throw CNIError(missingField: port.path(of: "port"), expected: "1 to 65535")
        }
        let name = try port.string("protocol") ?? TransportProtocol.tcp.rawValue
        guard let transport = TransportProtocol(rawValue: name.lowercased()) else {
          throw CNIError(field: port.path(of: "protocol"), expected: "tcp, udp or sctp", got: .string(name))
        }
        linked.append(Links.Port(containerID: id, transport, UInt16(number)))
      }
    }
    return linked
  }
}
