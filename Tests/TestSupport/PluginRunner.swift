import Glibc
public import JSON
import Linux

/// Calls plugins as a runtime does: an executable, environment variables, a configuration on standard input.
public struct PluginRunner {
  /// The folder that CNI_PATH names, with one executable for each plugin.
  public let folder: String
  /// What the container is called.
  public var containerID = "c1"
  /// The interface's name in the container.
  public var interfaceName = "eth0"
  /// CNI_ARGS.
  public var arguments = ""
  /// Further variables.
  public var environment: [String: String] = [:]

  /// Prepares a folder with our plugins, inside the test's private `/run`, or elsewhere.
  public init(newFolder: String = "/run/plugins") throws {
    folder = newFolder
    try FileSystem.createFolders(folder)
    for type in ["bridge", "firewall", "host-local", "loopback", "macvlan", "overlay", "portmap", "tuning"] {
      guard symlink(PluginRunner.executable, "\(folder)/\(type)") == 0 || errno == EEXIST else {
        throw SystemError(.last, "link plugin \(type)")
      }
    }
  }

  /// Uses the plugins of a folder that exists, be they ours or not.
  public init(folder: String) { self.folder = folder }

  /// The executable that holds every plugin: the one that the variable CNI_PLUGINS_UNDER_TEST names, as `make test` does with the release, else
  /// the one from the same build as the tests.
  public static var executable: String {
    if let path = getenv("CNI_PLUGINS_UNDER_TEST") { return String(cString: path) }
    return productFolder + "/cni-plugins"
  }

  /// Where the build that the tests belong to puts its products.
  public static var productFolder: String {
    let tests = (try? FileSystem.target(ofLink: "/proc/self/exe")) ?? ""
    return tests.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
  }

  /// Runs one command of one plugin. `configuration` must have the plugin's `type`; `container` nil leaves CNI_NETNS empty.
  public func run(_ command: String, _ configuration: JSONValue, in container: TestNamespace?) throws -> Command.Output {
    try run(command, configuration, netns: container?.path ?? "")
  }

  /// Runs one command of one plugin with any text as CNI_NETNS.
  public func run(_ command: String, _ configuration: JSONValue, netns: String) throws -> Command.Output {
    try run(command, type: configuration["type"].string, input: configuration.text, netns: netns)
  }

  /// Runs a plugin with any text as its configuration.
  public func run(_ command: String, type: String, input: String, netns: String) throws -> Command.Output {
    try Command.attempt(["\(folder)/\(type)"], input: input, environment: variables(command, netns: netns))
  }

  /// Runs one command of one plugin under strace(1), which writes the system calls of the plugin's first process to `log`.
  public func runTraced(
    _ command: String, _ configuration: JSONValue, in container: TestNamespace, options: [String], log: String
  ) throws -> Command.Output {
    try Command.attempt(
      ["strace", "-qq", "-o", log] + options + ["\(folder)/\(configuration["type"].string)"], input: configuration.text,
      environment: variables(command, netns: container.path))
  }

  private func variables(_ command: String, netns: String) -> [String: String] {
    var variables = [
      "CNI_COMMAND": command, "CNI_CONTAINERID": containerID, "CNI_NETNS": netns, "CNI_IFNAME": interfaceName, "CNI_PATH": folder,
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    if !arguments.isEmpty { variables["CNI_ARGS"] = arguments }
    return variables.merging(environment) { _, new in new }
  }

  /// Runs ADD and answers the result; throws with everything the plugin said if it fails.
  public func add(_ configuration: JSONValue, in container: TestNamespace) throws -> JSONValue {
    let output = try run("ADD", configuration, in: container)
    guard output.status == 0 else { throw Command.Failure(description: "ADD \(configuration["type"].string): \(output)") }
    return try output.json
  }

  /// Runs any other command and throws with everything the plugin said unless it succeeds in silence.
  public func expect(_ command: String, _ configuration: JSONValue, in container: TestNamespace?) throws {
    let output = try run(command, configuration, in: container)
    guard output.status == 0, output.text.isEmpty else {
      throw Command.Failure(description: "\(command) \(configuration["type"].string): \(output)")
    }
  }

  /// Runs ADD of all plugins of a list in order, each with the previous result. Answers the last result.
  public func add(list: JSONValue, in container: TestNamespace) throws -> JSONValue {
    var result: JSONValue = nil
    for plugin in PluginRunner.configurations(list, previous: nil) {
      result = try add(result == nil ? plugin : plugin.with("prevResult", result), in: container)
    }
    return result
  }

  /// Runs a command of all plugins of a list, DEL in reverse order, each with the final result.
  public func expect(_ command: String, list: JSONValue, result: JSONValue?, in container: TestNamespace?) throws {
    let plugins = PluginRunner.configurations(list, previous: result)
    for plugin in command == "DEL" ? plugins.reversed() : plugins { try expect(command, plugin, in: container) }
  }

  /// The configurations of a list's plugins, with the list's name and version.
  public static func configurations(_ list: JSONValue, previous: JSONValue?) -> [JSONValue] {
    list["plugins"].elements.map { plugin in
      let named = plugin.with("name", list["name"]).with("cniVersion", list["cniVersion"])
      return previous.map { named.with("prevResult", $0) } ?? named
    }
  }
}
