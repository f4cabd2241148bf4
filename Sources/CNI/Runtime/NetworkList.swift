public import JSON

/// A network configuration list: a network's name and the plugins that make it, in the order in which ADD calls them.
///
/// Section 1 of the CNI specification, "Network configuration format".
public struct NetworkList: Equatable, Sendable {
  /// The network's name, unique on the host.
  public let name: String
  /// The version to speak with the plugins: the highest one of `cniVersion` and `cniVersions` that we speak.
  public let version: CNIVersion
  /// Whether CHECK is not to be called.
  public let disablesCheck: Bool
  /// Whether GC is not to be called, because the same network is used by several runtimes.
  public let disablesGarbageCollection: Bool
  /// At least one plugin.
  public let plugins: [ListedPlugin]
  /// The list as an object, with the plugins that came from other files.
  public let json: JSONObject

  /// Decodes and validates a list.
  ///
  /// `extra` gives the configurations from the folder beside the list that has the network's name. It is asked for unless the list says
  /// `loadOnlyInlinedPlugins`.
  public init(_ json: JSONObject, extra: (_ network: String) throws(CNIError) -> [JSONObject] = NetworkList.none) throws(CNIError) {
    let object = ConfigurationObject(json)
    name = try NetworkList.name(object)
    version = try NetworkList.version(object)
    disablesCheck = try NetworkList.flag(object, "disableCheck")
    disablesGarbageCollection = try NetworkList.flag(object, "disableGC")
    let inlined = try object.list("plugins")
    let onlyInlined = try NetworkList.flag(object, "loadOnlyInlinedPlugins")
    guard !onlyInlined || inlined != nil else {
      throw CNIError(missingField: "plugins", expected: "the network's plugins, because loadOnlyInlinedPlugins is true")
    }
    let loaded = onlyInlined ? [] : try extra(name)
    let all = (inlined ?? []).map { $0.json } + loaded.map { .object($0) }
    guard !all.isEmpty else { throw CNIError(missingField: "plugins", expected: "at least one plugin") }
    var plugins: [ListedPlugin] = []
    for (position, plugin) in all.enumerated() {
      plugins.append(try ListedPlugin(try ConfigurationValue(plugin, path: "plugins[\(position)]").object()))
    }
    self.plugins = plugins
    var complete = json
    complete["plugins"] = .array(all)
    self.json = complete
  }

  /// Raises the configuration of a single plugin, as versions before 1.0.0 had it, to a list.
  public init(raising json: JSONObject) throws(CNIError) {
    var list = JSONObject()
    for key in ["cniVersion", "name"] { list[key] = json[key] }
    list["plugins"] = .array([.object(json)])
    try self.init(list)
  }

  /// No configurations beside the list.
  public static func none(_ network: String) throws(CNIError) -> [JSONObject] { [] }

  private static func name(_ object: ConfigurationObject) throws(CNIError) -> String {
    guard let name = try object.string("name") else { throw CNIError(.invalidConfiguration, "missing network name") }
    guard Identifier.isValid(name) else {
      throw CNIError(.invalidConfiguration, "invalid characters found in network name", details: name)
    }
    return name
  }

  private static func version(_ object: ConfigurationObject) throws(CNIError) -> CNIVersion {
    var numbers = try object.strings("cniVersions") ?? []
    if let number = try object.string("cniVersion") { numbers.append(number) }
    if numbers.isEmpty { return .v010 }
    guard let version = numbers.compactMap({ CNIVersion($0) }).max() else {
      let listed = numbers.map { JSONValue.string($0).excerpt }.joined(separator: " ")
      let spoken = CNIVersion.allCases.map { "\"\($0)\"" }.joined(separator: " ")
      throw CNIError(.incompatibleVersion, "incompatible CNI versions", details: "config is \(listed), runtime supports [\(spoken)]")
    }
    return version
  }

  /// A truth value, which lists in the wild also write as a text; false if absent.
  private static func flag(_ object: ConfigurationObject, _ key: String) throws(CNIError) -> Bool {
    guard let value = object.value(key) else { return false }
    guard case .string(let text) = value.json else { return try value.bool() }
    switch text.lowercased() {
    case "true": return true
    case "false", "": return false
    default: throw value.invalid(expected: "true or false")
    }
  }
}
