internal import JSON
internal import Linux

/// An installed plugin that runs as a process of its own.
public struct PluginExecutable: Equatable, Sendable {
  /// The plugin's type.
  public let type: String
  /// The file.
  public let path: String

  /// Looks a plugin up; throws code 7, "failed to find plugin", if no folder has it.
  public init(_ type: String, in pluginPath: PluginPath) throws(CNIError) {
    guard !type.utf8.contains(UInt8(ascii: "/")) else {
      throw CNIError(.invalidConfiguration, "invalid plugin name: \(JSONValue.string(type).excerpt)")
    }
    guard let path = pluginPath.find(type) else {
      throw CNIError(.invalidConfiguration, "failed to find plugin \"\(type)\" in path [\(pluginPath)]")
    }
    self.type = type
    self.path = path
  }

  /// Runs one command and returns what the plugin printed. Its standard error is ours.
  ///
  /// Throws the plugin's own error unchanged, or one that says how the plugin ended without a word.
  public func run(_ command: PluginCommand, environment: Environment, input: [UInt8]) throws(CNIError) -> [UInt8] {
    var environment = environment
    environment["CNI_COMMAND"] = command.rawValue
    let outcome: ChildProcess.Outcome
    var child = ChildProcess(path: path, arguments: [path], environment: environment.entries)
    child.endsWithParent = true
    do { outcome = try child.run(input: input) } catch { throw CNIError(error) }
    if outcome.status == 0 { return outcome.output }
    if let error = CNIError(printed: outcome.output) { throw error }
    let said = JSONValue.string(String(decoding: outcome.output, as: UTF8.self)).excerpt
    throw CNIError(.other, "plugin \(type) ended with status \(outcome.status) and no error object", details: said)
  }

  /// Reads what the plugin printed on ADD as an object.
  func resultObject(_ output: [UInt8]) throws(CNIError) -> ConfigurationObject {
    let json: JSONValue
    do { json = try JSONValue(parsing: output) } catch { throw CNIError(.decoding, "result of \(type): \(error)") }
    guard case .object(let members) = json else {
      throw CNIError(.decoding, "result of \(type): expected an object, got \(json.kind)")
    }
    return ConfigurationObject(members, path: "result of \(type)")
  }
}
