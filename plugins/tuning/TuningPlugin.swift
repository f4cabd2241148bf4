import Addresses
public import CNI
import Linux
import Netlink
import Routing

/// The `tuning` plugin: changes properties of the container's interface and parameters of its network namespace, after another plugin has
/// made the interface. DEL restores the interface's properties.
public struct TuningPlugin: Plugin {
  /// `tuning`
  public static let type = "tuning"

  let configuration: TuningConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try TuningConfiguration(request) }

  /// Changes what the configuration says, and answers the previous result with what is different about the interface.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    let result = try previousResult(request)
    if configuration.isEmpty { return result }
    try checkAllowlist()
    let namespace = try request.networkNamespace()
    var applied: [AppliedSysctl] = []
    do {
      if !configuration.sysctls.isEmpty { try namespace.inside { try applySysctls(&applied) } }
      if !configuration.link.isEmpty { try changeLink(request, namespace, result) }
    } catch {
      undo(applied, request, namespace)
      throw error
    }
    return describe(request.attachment.interfaceName, in: result)
  }

  /// Restores what ADD has saved, as far as there is an interface to restore.
  public func delete(_ request: PluginRequest) throws {
    let file = SavedSettingsFile(in: configuration.dataFolder, of: request.attachment)
    guard let saved = try file.read() else { return try file.remove() }
    guard file.isOwn(saved) else { return }
    if let namespace = try request.networkNamespaceIfPresent() { try restore(saved, request.attachment.interfaceName, namespace) }
    try file.remove()
  }

  /// Throws unless every configured value is the current one.
  public func check(_ request: PluginRequest) throws {
    _ = try previousResult(request)
    if configuration.isEmpty { return }
    let namespace = try request.networkNamespace()
    if !configuration.sysctls.isEmpty {
      try namespace.inside {
        let net = try SysctlFolder()
        for setting in configuration.sysctls { try setting.check(net) }
      }
    }
    if configuration.link.isEmpty { return }
    var routes = try namespace.inside { try RouteSocket() }
    if let difference = configuration.link.difference(from: try routes.containerLink(request.attachment.interfaceName)) {
      throw CNIError(.other, difference)
    }
  }

  /// Says whether an ADD could read the allowlist, save settings, and change them.
  public func status(_ request: PluginRequest) throws {
    do { try checkAllowlist() } catch { throw CNIError(.notAvailable, error.message, details: error.details) }
    guard FileSystem.isWritable(folder: configuration.dataFolder) else {
      throw CNIError(.notAvailable, "no files can be created in \(configuration.dataFolder)")
    }
    for capability in Capability.allCases where try !capability.isEffective() {
      throw CNIError(.notAvailable, "tuning needs the capability \(capability.name)")
    }
  }

  /// Forgets what was saved for attachments of this network that are gone. Their interfaces are gone too.
  public func collectGarbage(_ request: PluginRequest) throws {
    var failure: (any Error)?
    let files = try SavedSettingsFile.files(in: configuration.dataFolder, network: request.configuration.name)
    for file in files where !request.validAttachments.contains(file.attachment) {
      do { try file.remove() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func previousResult(_ request: PluginRequest) throws(CNIError) -> CNIResult {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "Required prevResult missing")
    }
    return result
  }

  private func checkAllowlist() throws(CNIError) {
    guard let allowlist = try SysctlAllowlist.load() else { return }
    for setting in configuration.sysctls { try allowlist.check(setting.key) }
  }

  /// The result with the interface's new address and MTU.
  private func describe(_ name: String, in result: CNIResult) -> CNIResult {
    var result = result
    // Interfaces of the host may have the same name; only those in the container have a sandbox.
    let isSandboxed = result.interfaces.contains { $0.name == name && $0.sandbox != nil }
    for position in result.interfaces.indices {
      guard result.interfaces[position].name == name, !isSandboxed || result.interfaces[position].sandbox != nil else { continue }
      if let mac = configuration.link.macAddress { result.interfaces[position].mac = mac.description }
      if let mtu = configuration.link.mtu { result.interfaces[position].mtu = Int(mtu) }
    }
    return result
  }
}
