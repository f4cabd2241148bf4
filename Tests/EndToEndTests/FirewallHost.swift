import JSON
import Linux
import TestSupport

/// Containers on bridges of a host with ingress policies, attached by whole lists of plugins as a runtime does.
final class FirewallHost {
  /// A container with what was said of it.
  struct Attached {
    let runner: PluginRunner
    let list: JSONValue
    let container: TestNamespace
    let result: JSONValue

    /// Its addresses, without the prefix lengths.
    var addresses: [String] { result["ips"].elements.map { String($0["address"].string.prefix { $0 != "/" }) } }
    /// The name of its network.
    var network: String { list["name"].string }

    /// Runs CHECK or DEL of all plugins.
    func expect(_ command: String) throws { try runner.expect(command, list: list, result: result, in: container) }

    /// Runs a command of the firewall plugin alone.
    func firewall(_ command: String) throws -> Command.Output { try runner.run(command, firewall, in: container) }

    /// The firewall plugin's configuration with the final result.
    var firewall: JSONValue { PluginRunner.configurations(list, previous: result)[1] }
  }

  private let runner: PluginRunner
  private var count = 0

  init() throws { runner = try PluginRunner() }

  /// A dual-stack network on a bridge of its own; `number` is part of its addresses.
  static func list(_ name: String, _ number: Int, policy: String?, version: String = "1.1.0") -> JSONValue {
    let firewall: JSONValue = ["type": "firewall", "backend": "iptables", "iptablesAdminChainName": "CNI-ADMIN"]
    return [
      "cniVersion": .string(version), "name": .string(name),
      "plugins": [
        [
          "type": "bridge", "bridge": .string("br-\(name)"), "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
          "ipam": [
            "type": "host-local",
            "ranges": [[["subnet": .string("10.\(number).0.0/16")]], [["subnet": .string("fd00:\(number)::/64")]]],
          ],
        ], policy.map { firewall.with("ingressPolicy", .string($0)) } ?? firewall,
      ],
    ]
  }

  /// Attaches one more container.
  func attach(_ list: JSONValue) throws -> Attached {
    count += 1
    var runner = runner
    runner.containerID = "c\(count)"
    let container = try TestNamespace()
    return Attached(runner: runner, list: list, container: container, result: try runner.add(list: list, in: container))
  }

  /// Whether the one can ping the other, in both families; nil if only in one of them.
  static func reaches(_ one: Attached, _ other: Attached) throws -> Bool? {
    let answers = try other.addresses.map { address in
      try one.container.run { try Command.attempt(["ping", "-c", "1", "-i", "0.2", "-w", "2", address]).status == 0 }
    }
    return answers.allSatisfy { $0 } ? true : answers.contains(true) ? nil : false
  }

  /// The elements of our table, with their sets' names.
  static func elements() throws -> String {
    try Command.run("nft -j list table inet swift_cni").json["nftables"].elements.map { $0["map"] != nil ? $0["map"] : $0["set"] }
      .filter { $0["elem"] != nil }.map { "\($0["name"].string): \($0["elem"].text)" }.joined(separator: "\n")
  }
}
