public import JSON
public import Linux

/// One command to a plugin: everything the runtime said, checked.
public struct PluginRequest {
  /// What to do.
  public private(set) var command: PluginCommand
  /// Whom it concerns. For STATUS and GC, which concern the whole network, container ID and interface name are empty.
  public let attachment: Attachment
  /// CNI_NETNS as given. DEL may leave it empty: the namespace is gone.
  public let networkNamespacePath: String
  /// CNI_ARGS.
  public let arguments: PluginArguments
  /// The network configuration.
  public let configuration: NetworkConfiguration
  /// For GC the attachments that must stay; empty for other commands.
  public let validAttachments: Set<Attachment>
  /// The whole environment, as delegates get it.
  public let environment: Environment
  /// The configuration as it came on standard input, as delegates get it.
  public let input: [UInt8]
  /// The plugins in this executable, which a delegate may be one of.
  let plugins: [any Plugin.Type]

  /// Checks environment and configuration, in the order in which the common library does.
  ///
  /// `supported` are the versions that the plugin accepts, `plugins` those that may be called in this process when the configuration delegates
  /// to one of them.
  public init(
    _ command: PluginCommand, environment: Environment, input: [UInt8], supported: ClosedRange<CNIVersion>, plugins: [any Plugin.Type]
  ) throws(CNIError) {
    try PluginRequest.requireVariables(command, environment)
    let configuration = try NetworkConfiguration(parsing: input, supported: supported)
    try self.init(command, environment: environment, input: input, configuration: configuration, plugins: plugins)
  }

  /// Checks what a command needs besides its configuration.
  init(
    _ command: PluginCommand, environment: Environment, input: [UInt8], configuration: NetworkConfiguration, plugins: [any Plugin.Type]
  ) throws(CNIError) {
    self.command = command
    self.environment = environment
    self.input = input
    self.configuration = configuration
    self.plugins = plugins
    arguments = PluginArguments(environment["CNI_ARGS"])
    if command.hasAttachment {
      let containerID = environment["CNI_CONTAINERID"], interfaceName = environment["CNI_IFNAME"]
      guard Identifier.isValid(containerID) else {
        throw CNIError(.invalidEnvironment, "invalid characters in containerID", details: containerID)
      }
      if let fault = InterfaceName.fault(in: interfaceName) {
        throw CNIError(.invalidEnvironment, fault.message, details: fault.details)
      }
      attachment = Attachment(network: configuration.name, containerID: containerID, interfaceName: interfaceName)
      networkNamespacePath = environment["CNI_NETNS"]
    } else {
      attachment = Attachment(network: configuration.name, containerID: "", interfaceName: "")
      networkNamespacePath = ""
    }
    if configuration.version < command.firstVersion {
      throw CNIError(.incompatibleVersion, "config version does not allow \(command.rawValue)")
    }
    validAttachments = command == .collectGarbage ? try configuration.validAttachments() : []
    try requireForeignNamespace()
  }

  /// The same request with another command, for a delegate. Both have checked attachments, or neither has.
  func with(_ command: PluginCommand) -> PluginRequest {
    var request = self
    request.command = command
    return request
  }

  /// The same request with another configuration, for a plugin that another one is built upon.
  public func with(_ fields: JSONObject) throws(CNIError) -> PluginRequest {
    try PluginRequest(
      command, environment: environment, input: Array(JSONValue.object(fields).text.utf8), configuration: NetworkConfiguration(fields),
      plugins: plugins)
  }

  /// The folders where plugins are, from CNI_PATH.
  public var pluginPath: PluginPath { PluginPath(environment["CNI_PATH"]) }

  /// Opens the container's network namespace.
  public func networkNamespace() throws(CNIError) -> NetworkNamespace {
    do { return try NetworkNamespace(path: networkNamespacePath) } catch {
      throw CNIError(.inputOutput, "failed to open netns \"\(networkNamespacePath)\": \(error)")
    }
  }

  /// Opens the container's network namespace; nil if it is gone, which DEL has to live with: no path, nothing at the path, or the empty file
  /// that stays when a namespace has been unmounted.
  public func networkNamespaceIfPresent() throws(CNIError) -> NetworkNamespace? {
    if networkNamespacePath.isEmpty { return nil }
    do { return try NetworkNamespace(path: networkNamespacePath) } catch {
      if [.noEntry, .notDirectory, .noProcess, .invalid].contains(error.code) { return nil }
      throw CNIError(.inputOutput, "failed to open netns \"\(networkNamespacePath)\": \(error)")
    }
  }

  static func requireVariables(_ command: PluginCommand, _ environment: Environment) throws(CNIError) {
    let missing = command.requiredVariables.filter { environment[$0].isEmpty }
    guard missing.isEmpty else {
      throw CNIError(.invalidEnvironment, "required env variables [\(missing.joined(separator: ","))] missing")
    }
  }

  /// Refuses to work on the namespace that the plugin itself is in, unless CNI_NETNS_OVERRIDE allows it.
  ///
  /// A path that leads nowhere is left to the plugin: DEL succeeds on it.
  private func requireForeignNamespace() throws(CNIError) {
    if networkNamespacePath.isEmpty || ["1", "true"].contains(environment["CNI_NETNS_OVERRIDE"].lowercased()) { return }
    let given: FileIdentity
    do { given = try FileIdentity(path: networkNamespacePath) } catch { return }
    do {
      guard given != (try FileIdentity(path: "/proc/thread-self/ns/net")) else {
        throw CNIError(.ownNetworkNamespace, "plugin's netns and netns from CNI_NETNS should not be the same")
      }
    } catch { throw CNIError(error) }
  }
}
