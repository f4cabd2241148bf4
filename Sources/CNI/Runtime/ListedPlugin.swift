public import JSON

/// One plugin of a network list, with its configuration as the list has it.
public struct ListedPlugin: Equatable, Sendable {
  /// The plugin's type: the name of its executable.
  public let type: String
  /// The capabilities that the plugin declares: what the runtime may pass it in `runtimeConfig`.
  public let capabilities: [String]
  /// The whole configuration; unknown keys included.
  public let json: JSONObject

  /// Decodes a plugin's configuration; `type` is required, and has no slash.
  public init(_ object: ConfigurationObject) throws(CNIError) {
    json = object.json
    guard let type = try object.string("type") else {
      throw CNIError(missingField: object.path(of: "type"), expected: "the name of a plugin")
    }
    guard !type.utf8.contains(UInt8(ascii: "/")) else {
      throw CNIError(field: object.path(of: "type"), expected: "a plugin's name without a slash", got: .string(type))
    }
    self.type = type
    var declared: [String] = []
    if let capabilities = try object.object("capabilities") {
      for member in capabilities.json.members where try capabilities.flag(member.name) { declared.append(member.name) }
    }
    capabilities = declared
  }
}
