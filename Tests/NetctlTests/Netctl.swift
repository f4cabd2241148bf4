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
    try describe()
  }

  /// Writes the network `lab` with further keys of its bridge and further plugins, and routes; `subnets` are an IPv4 and an IPv6 network.
  func describe(
    plugins: KeyValuePairs<String, JSONValue> = [:], bridge keys: KeyValuePairs<String, JSONValue> = [:],
    subnets: [String] = ["10.88.0.0/16", "fd00:88::/64"], routes: JSONValue? = nil
  ) throws {
    let ranges = subnets.map { JSONValue.array([["subnet": .string($0)]]) }
    var bridge: JSONValue = ["type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true]
    for (key, value) in keys { bridge = bridge.with(key, value) }
    let ipam: JSONValue = ["type": "host-local", "ranges": .array(ranges)]
    bridge = bridge.with("ipam", routes.map { ipam.with("routes", $0) } ?? ipam)
    let further = plugins.map { type, keys in keys.with("type", .string(type)) }
    let network: JSONValue = [
      "cniVersion": "1.1.0", "name": "lab",
      "plugins": .array([bridge, ["type": "portmap", "capabilities": ["portMappings": true]]] + further),
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

  /// Starts a command that goes on.
  func start(_ words: String..., notifying socket: String? = nil) throws -> BackgroundProgram { try start(words, notifying: socket) }

  /// Starts a command that goes on.
  func start(_ words: [String], notifying socket: String? = nil) throws -> BackgroundProgram {
    var variables = ["CNI_PATH": runner.folder, "NETCONFPATH": "/run/conf"]
    variables["NOTIFY_SOCKET"] = socket
    return try BackgroundProgram([Netctl.executable] + words, variables)
  }

  /// Deletes a container's namespace, and waits until the kernel has taken the host's ends of its cables as well.
  func lose(_ name: String) throws {
    let ends = try Command.run("ip -n \(name) -j link show type veth").json.elements.compactMap { $0["link_index"].integer }
    try Command.run("ip netns del \(name)")
    let deadline = Deadline(milliseconds: 60_000)
    while deadline.remaining > 0 {
      let left = try Command.run("ip -j link show type veth").json.elements.compactMap { $0["ifindex"].integer }
      if Set(left).isDisjoint(with: ends) { return }
    }
    throw Command.Failure(description: "the links \(ends) stayed when their peers' namespace was deleted")
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
