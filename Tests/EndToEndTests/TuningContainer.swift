import JSON
import Linux
import TestSupport

/// A container with an interface `eth0` that no plugin has made, and `tuning` to work on it.
struct TuningContainer {
  var runner: PluginRunner
  let container: TestNamespace
  /// Where the previous settings are kept.
  static let folder = "/run/cni/tuning"
  static let file = "\(folder)/c1_eth0.json"

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
    try shell("ip link add eth0 type veth peer name peer0")
    try shell("ip link set peer0 up")
    try shell("ip link set eth0 up")
  }

  /// Runs a command line inside the container.
  @discardableResult
  func shell(_ line: String) throws -> Command.Output { try container.run { try Command.run(line) } }

  /// A configuration with the given keys after a plugin that made `eth0` with one address.
  func configuration(_ keys: JSONValue = [:], version: String = "1.1.0", network: String = "net") -> JSONValue {
    var configuration: JSONValue = ["cniVersion": .string(version), "name": .string(network), "type": "tuning"]
    if case .object(let object) = keys { for member in object.members { configuration = configuration.with(member.name, member.value) } }
    return configuration.with("prevResult", previousResult)
  }

  /// What the plugin before has answered.
  var previousResult: JSONValue {
    [
      "interfaces": [["name": "eth0", "mac": "02:00:00:00:00:aa", "sandbox": .string(container.path)], ["name": "eth0"]],
      "ips": [["address": "10.1.2.3/24", "interface": 0]],
    ]
  }

  /// What `ip link` tells of the interface, as far as `tuning` changes it.
  func link() throws -> JSONValue {
    let link = try shell("ip -j -d link show eth0").json[0]
    let flags = link["flags"].elements.map { $0.string }
    return [
      "mac": link["address"], "mtu": link["mtu"], "promisc": .bool(flags.contains("PROMISC")),
      "allmulti": .bool(flags.contains("ALLMULTI")), "txQLen": link["txqlen"], "up": .bool(flags.contains("UP")),
    ]
  }

  /// A parameter of the container's namespace.
  func sysctl(_ key: String) throws -> String {
    String(try shell("sysctl -n \(key)").text.dropLast())
  }

  /// The names in the folder of saved settings; empty if there is no folder.
  func savedFiles(_ folder: String = TuningContainer.folder) throws -> [String] {
    FileSystem.isFolder(folder) ? try FileSystem.names(in: folder) : []
  }

  /// Puts lines into the administrator's allowlist.
  func allow(_ text: String) throws {
    try FileSystem.createFolders("/etc/cni/tuning")
    try FileSystem.replace("/etc/cni/tuning/allowlist.conf", content: Array(text.utf8))
  }
}
