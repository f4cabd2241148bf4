import JSON
import Linux
import TestSupport

/// The built executable, with our plugins and the configurations of `conf/`.
struct Netctl {
  /// Beside the one with the plugins, see `PluginRunner.executable`.
  static let executable = "\(FileSystem.folder(of: PluginRunner.executable))/netctl"

  private let runner: PluginRunner

  init() throws {
    runner = try PluginRunner()
    try Command.run("ip link set lo up")
    let network: JSONValue = [
      "cniVersion": "1.1.0", "name": "lab",
      "plugins": [
        [
          "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true,
          "ipam": ["type": "host-local", "ranges": [[["subnet": "10.88.0.0/16"]], [["subnet": "fd00:88::/64"]]]],
        ],
        ["type": "portmap", "capabilities": ["portMappings": true]],
      ],
    ]
    try FileSystem.createFolders("/run/conf")
    try FileSystem.replace("/run/conf/10-lab.conflist", content: Array(network.indented().utf8))
  }

  /// Runs a command, whatever its exit status.
  func attempt(_ words: String...) throws -> Command.Output { try attempt(words) }

  /// Runs a command, whatever its exit status.
  func attempt(_ words: [String]) throws -> Command.Output {
    try Command.attempt(["env", "CNI_PATH=\(runner.folder)", "NETCONFPATH=/run/conf", Netctl.executable] + words)
  }

  /// Attaches a new namespace to the network, and answers the container's ID.
  func add(_ options: String...) throws -> String {
    let output = try attempt(["cni", "add", "lab"] + options)
    guard output.status == 0, let line = output.errors.split(separator: "\n").first(where: { $0.hasPrefix("container ") }) else {
      throw Command.Failure(description: "cni add: \(output)")
    }
    return String(line.dropFirst(10).prefix { $0 != "," })
  }

  /// Takes a container off the network.
  func delete(_ container: String) throws {
    let output = try attempt("cni", "del", "lab", "--container", container)
    guard output.status == 0 else { throw Command.Failure(description: "cni del: \(output)") }
  }

  /// What `ps --json` tells of a container; nil if it is not there.
  func namespace(of name: String) throws -> JSONValue? {
    try attempt("ps", "--json").json["namespaces"].elements.first { $0["owner"]["name"] == .string(name) }
  }
}
