internal import JSON
internal import Linux

/// One run of a plugin as a function: environment and input in, output and exit code out.
public struct PluginProcess {
  /// What a run leaves for whoever started it.
  public struct Outcome: Equatable, Sendable {
    /// For standard output: nothing or one line of JSON.
    public let output: String
    /// For standard error: nothing or lines of text.
    public let message: String
    /// 0, or 1 after an error.
    public let exitCode: Int32

    init(output: String = "", message: String = "", exitCode: Int32 = 0) {
      self.output = output
      self.message = message
      self.exitCode = exitCode
    }

    /// An error object, and exit code 1.
    init(_ error: CNIError, version: CNIVersion) {
      self.init(output: error.json(version: version).text + "\n", exitCode: 1)
    }
  }

  /// The version of this plugin set.
  public static var version: String { "0.1.0" }
  /// The longest configuration that is read, in bytes: 16 MiB.
  public static var inputLimit: Int { 1 << 24 }

  /// Every plugin of this executable: one is run, and may call the others when it delegates.
  public let plugins: [any Plugin.Type]

  /// A process with the given plugins.
  public init(plugins: [any Plugin.Type]) { self.plugins = plugins }

  /// The plugin with the given name.
  public subscript(type: String) -> (any Plugin.Type)? { plugins.first { $0.type == type } }

  /// Runs one command. Never throws: errors become an object on the output.
  ///
  /// `input` reads standard input; it is not called for VERSION or without CNI_COMMAND. `end` is called with the outcome while all that has been
  /// read is still there: a process that ends then need not free it.
  public func run(
    _ plugin: any Plugin.Type, environment: Environment, input: () throws -> [UInt8], end: (Outcome) -> Void = { _ in }
  ) -> Outcome {
    let word = environment["CNI_COMMAND"]
    if word.isEmpty { return Outcome(message: PluginProcess.about(plugin)) }
    var version = plugin.supportedVersions.upperBound
    do {
      guard let command = PluginCommand(rawValue: word) else { throw CNIError(.invalidEnvironment, "unknown CNI_COMMAND: \(word)") }
      if command == .version { return Outcome(output: PluginProcess.versions(plugin).text + "\n") }
      try PluginRequest.requireVariables(command, environment)
      let text = try PluginProcess.bounded(input)
      let configuration = try NetworkConfiguration(parsing: text, supported: plugin.supportedVersions)
      version = configuration.version
      let request = try PluginRequest(command, environment: environment, input: text, configuration: configuration, plugins: plugins)
      let result = try PluginProcess.perform(plugin, request)
      let outcome = Outcome(output: try result.map { try $0.json(version: version).text + "\n" } ?? "")
      withExtendedLifetime(request) { end(outcome) }
      return outcome
    } catch { return Outcome(CNIError(error), version: version) }
  }

  /// Lets a plugin do what the request says; only ADD has a result.
  static func perform(_ type: any Plugin.Type, _ request: PluginRequest) throws -> CNIResult? {
    let plugin = try type.init(request)
    switch request.command {
    case .add: return try plugin.add(request)
    case .delete: try plugin.delete(request)
    case .check: try plugin.check(request)
    case .status: try plugin.status(request)
    case .collectGarbage: try plugin.collectGarbage(request)
    case .version: break
    }
    return nil
  }

  private static func bounded(_ input: () throws -> [UInt8]) throws -> [UInt8] {
    let text: [UInt8]
    do { text = try input() } catch let error as CNIError { throw error } catch {
      throw CNIError(.inputOutput, "error reading from stdin: \(error)")
    }
    guard text.count <= inputLimit else {
      throw CNIError(.decoding, "error unmarshall network config: longer than \(inputLimit) bytes")
    }
    return text
  }

  /// What a plugin says of itself when it is started by hand.
  private static func about(_ plugin: any Plugin.Type) -> String {
    let spoken = CNIVersion.allCases.filter { plugin.supportedVersions.contains($0) }.map { $0.description }.joined(separator: ", ")
    return "CNI \(plugin.type) plugin v\(version)\nCNI protocol versions supported: \(spoken)\n"
  }

  private static func versions(_ plugin: any Plugin.Type) -> JSONValue {
    let spoken = CNIVersion.allCases.filter { plugin.supportedVersions.contains($0) }
    return .object(
      JSONObject([
        ("cniVersion", .string(plugin.supportedVersions.upperBound.description)),
        ("supportedVersions", .array(spoken.map { .string($0.description) })),
      ]))
  }
}
