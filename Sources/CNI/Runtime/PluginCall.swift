internal import JSON
internal import Linux

/// One plugin with the configuration and the environment of one command.
struct PluginCall {
  /// The plugin's type.
  let type: String
  private let version: CNIVersion
  private let configuration: JSONObject
  private let variables: [(name: String, value: String)]

  /// A command that concerns one attachment.
  init(_ plugin: ListedPlugin, _ list: NetworkList, _ request: AttachmentRequest, previousResult: JSONObject?) {
    type = plugin.type
    version = list.version
    var configuration = PluginCall.base(plugin, list)
    let values = plugin.capabilities.compactMap { name in request.capabilityValues[name].map { (name, $0) } }
    if !values.isEmpty { configuration["runtimeConfig"] = .object(JSONObject(values)) }
    if !request.conventions.members.isEmpty { configuration["args"] = PluginCall.merging(request.conventions, into: configuration["args"]) }
    if let previousResult { configuration["prevResult"] = .object(previousResult) }
    self.configuration = configuration
    variables = [
      ("CNI_CONTAINERID", request.containerID), ("CNI_NETNS", request.networkNamespacePath), ("CNI_IFNAME", request.interfaceName),
      ("CNI_ARGS", request.arguments.map { "\($0.name)=\($0.value)" }.joined(separator: ";")),
    ]
  }

  /// STATUS.
  init(_ plugin: ListedPlugin, _ list: NetworkList) {
    type = plugin.type
    version = list.version
    configuration = PluginCall.base(plugin, list)
    variables = []
  }

  /// GC. The list of attachments goes out under the specification's key and under the one of its early draft, as the common library does.
  init(_ plugin: ListedPlugin, _ list: NetworkList, keeping attachments: [Attachment]) {
    type = plugin.type
    version = list.version
    var configuration = PluginCall.base(plugin, list)
    let valid: [JSONValue] = attachments.map { ["containerID": .string($0.containerID), "ifname": .string($0.interfaceName)] }
    for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] { configuration[key] = .array(valid) }
    self.configuration = configuration
    variables = []
  }

  /// Runs the plugin and returns what it printed.
  func run(_ command: PluginCommand, _ runtime: Runtime) throws(CNIError) -> [UInt8] {
    try execute(try PluginExecutable(type, in: runtime.pluginPath), command, runtime)
  }

  /// Runs ADD, and returns the result as the plugin printed it, which the next plugin gets, and as a value.
  func add(_ runtime: Runtime) throws(CNIError) -> (JSONObject, CNIResult) {
    let plugin = try PluginExecutable(type, in: runtime.pluginPath)
    let object = try plugin.resultObject(try execute(plugin, .add, runtime))
    guard let stated = try object.string("cniVersion").flatMap({ CNIVersion($0) }), stated != version else {
      return (object.json, try CNIResult(object, version: version))
    }
    // A plugin that answers in another version than it was asked in: what follows gets the one it knows.
    let result = try CNIResult(object, version: stated)
    guard case .object(let converted) = try result.json(version: version) else { return (object.json, result) }
    return (converted, result)
  }

  /// The request as the plugin would read it, without running it. Commands of versions that do not know CHECK have one too.
  func request(_ command: PluginCommand) throws(CNIError) -> PluginRequest {
    var environment = Environment(["CNI_NETNS_OVERRIDE=1"])
    for variable in variables { environment[variable.name] = variable.value }
    var configuration = configuration
    if version < command.firstVersion { configuration["cniVersion"] = .string(command.firstVersion.description) }
    return try PluginRequest(
      command, environment: environment, input: [], configuration: NetworkConfiguration(configuration), plugins: [])
  }

  private func execute(_ plugin: PluginExecutable, _ command: PluginCommand, _ runtime: Runtime) throws(CNIError) -> [UInt8] {
    var environment = runtime.environment
    environment["CNI_PATH"] = runtime.pluginPath.description
    for variable in variables { environment[variable.name] = variable.value }
    let input = Array(JSONValue.object(configuration).text.utf8)
    guard let observer = runtime.observer else { return try plugin.run(command, environment: environment, input: input) }
    let watch = Stopwatch()
    func tell(_ outcome: Result<[UInt8], CNIError>) {
      observer(PluginRun(type: type, command: command, input: input, outcome: outcome, nanoseconds: watch.nanoseconds))
    }
    do {
      let output = try plugin.run(command, environment: environment, input: input)
      tell(.success(output))
      return output
    } catch {
      tell(.failure(error))
      throw error
    }
  }

  /// The plugin's part of the list with the list's name and version.
  private static func base(_ plugin: ListedPlugin, _ list: NetworkList) -> JSONObject {
    var configuration = plugin.json
    configuration["name"] = .string(list.name)
    configuration["cniVersion"] = .string(list.version.description)
    return configuration
  }

  /// `args` with more members in its `cni`.
  private static func merging(_ conventions: JSONObject, into present: JSONValue?) -> JSONValue {
    var args = if case .object(let object)? = present { object } else { JSONObject() }
    var cni = if case .object(let object)? = args["cni"] { object } else { JSONObject() }
    for member in conventions.members { cni[member.name] = member.value }
    args["cni"] = .object(cni)
    return .object(args)
  }
}
