internal import BridgePlugin
internal import CNI
internal import FirewallPlugin
internal import HostLocalPlugin
internal import JSON
internal import Linux
internal import LoopbackPlugin
internal import OverlayPlugin
internal import PortmapPlugin
internal import TuningPlugin
internal import Wording

/// Checks one file of network configuration: as JSON, as the specification has it, and as each plugin of ours decodes it.
struct ConfigurationLint {
  /// Something to tell about a place in the file.
  struct Finding {
    let position: JSONPositions.Position
    let message: String
    /// Whether a runtime would refuse the file, or else only do something that was hardly meant.
    let isError: Bool
  }

  let file: String
  private(set) var findings: [Finding] = []
  private var positions = JSONPositions([])

  private static var ours: [any Plugin.Type] {
    [
      BridgePlugin.self, FirewallPlugin.self, HostLocalPlugin.self, LoopbackPlugin.self, OverlayPlugin.self, PortmapPlugin.self,
      TuningPlugin.self,
    ]
  }

  /// Reads and checks a file.
  init(_ file: String) throws {
    self.file = file
    let text = try FileSystem.read(file, limit: 10 << 20)
    let json: JSONValue
    do { json = try JSONValue(parsing: text) } catch {
      findings = [Finding(position: .init(line: error.line, column: error.column), message: error.reason, isError: true)]
      return
    }
    positions = JSONPositions(text)
    guard case .object(let object) = json else {
      add("", "expected an object, got \(json.kind)")
      return
    }
    if file.hasSuffix(".conflist") { checkList(object) } else { checkPlugin(object, at: "", network: object) }
    if findings.isEmpty {
      do { _ = try NetworkFolder.list(at: file) } catch { add(error, at: "") }
    }
    findings.sort { $0.position < $1.position }
  }

  private mutating func checkList(_ list: JSONObject) {
    for key in ["name", "cniVersion"] where list[key] == nil { add("", "field \(key) is missing", isError: key == "name") }
    unknownKeys(of: list, at: "", known: KnownKeys.list, "a network list")
    guard let value = list["plugins"] else {
      if list["loadOnlyInlinedPlugins"] == .bool(true) { add("", "field plugins is missing, although loadOnlyInlinedPlugins is true") }
      return
    }
    guard case .array(let plugins) = value else { return add("plugins", "field plugins: expected an array, got \(value.kind)") }
    for (position, plugin) in plugins.enumerated() {
      let path = "plugins[\(position)]"
      guard case .object(let object) = plugin else { add(path, "field \(path): expected an object, got \(plugin.kind)"); continue }
      checkPlugin(object, at: path, network: list)
    }
  }

  private mutating func checkPlugin(_ plugin: JSONObject, at path: String, network: JSONObject) {
    guard case .string(let type)? = plugin["type"] else {
      return add(
        path,
        "field \(join(path, "type")): expected the name of a plugin, " + (plugin["type"].map { "got \($0.kind)" } ?? "but it is missing"))
    }
    if let known = KnownKeys.plugin(type) {
      unknownKeys(of: plugin, at: path, known: path.isEmpty ? known + KnownKeys.list : known, "plugin \(type)")
    } else {
      add(join(path, "type"), "plugin \(type) is not known here, so its keys are not checked", isError: false)
    }
    if case .object(let capabilities)? = plugin["capabilities"] {
      unknownKeys(of: capabilities, at: join(path, "capabilities"), known: KnownKeys.capabilities, "capabilities")
    }
    var complete = plugin
    for key in ["name", "cniVersion"] { complete[key] = network[key] ?? plugin[key] }
    decode(complete, type, at: path)
    if case .object(let section)? = plugin["ipam"], case .string(let manager)? = section["type"] {
      if let known = KnownKeys.ipam(manager) { unknownKeys(of: section, at: join(path, "ipam"), known: known, "ipam plugin \(manager)") }
      decode(complete, manager, at: path)
    }
  }

  /// Has the plugin decode its own configuration, which changes nothing.
  private mutating func decode(_ configuration: JSONObject, _ type: String, at path: String) {
    guard let plugin = ConfigurationLint.ours.first(where: { $0.type == type }) else { return }
    let environment = Environment(["CNI_CONTAINERID=lint", "CNI_IFNAME=eth0", "CNI_NETNS=/nonexistent", "CNI_PATH=/nonexistent"])
    do {
      let request = try PluginRequest(
        .delete, environment: environment, input: Array(JSONValue.object(configuration).text.utf8), supported: plugin.supportedVersions,
        plugins: [])
      _ = try plugin.init(request)
    } catch { add(CNIError(error), at: path) }
  }

  /// An error of the plugins or the specification, which names the field by its path from `path` on.
  private mutating func add(_ error: CNIError, at path: String) {
    var place = path
    if let start = error.message.firstRange(of: "field ")?.upperBound {
      let field = error.message[start...].prefix { $0 != ":" && $0 != " " }
      place = field.hasPrefix("plugins[") ? String(field) : join(path, String(field))
    }
    if findings.contains(where: { $0.message.hasSuffix(error.description) }) { return }
    add(place, path.isEmpty ? error.description : "\(path): \(error.description)")
  }

  private mutating func unknownKeys(of object: JSONObject, at path: String, known: [String], _ owner: String) {
    let lowercased = Set(known.map { $0.lowercased() })
    for member in object.members
    where !lowercased.contains(member.name.lowercased()) && !member.name.contains(".") && !member.name.contains("/") {
      add(
        join(path, member.name),
        "\(owner) has no key \(JSONValue.string(member.name).text)\(NearMatches.sentence(for: member.name, among: known))",
        isError: false)
    }
  }

  private mutating func add(_ path: String, _ message: String, isError: Bool = true) {
    findings.append(Finding(position: positions.position(of: path), message: message, isError: isError))
  }

  private func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
