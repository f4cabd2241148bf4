internal import Linux

/// A plugin that another one calls to do part of its work, mostly to find an address: section "Plugin Delegation" of the CNI specification.
///
/// It gets the same environment and the same configuration. Its errors pass on unchanged. If what CNI_PATH leads to is this very executable,
/// it is called as a function, which saves starting a process.
public struct Delegate {
  /// The plugin's type.
  public let type: String
  private let request: PluginRequest
  private let place: Place

  /// Where a delegate runs.
  private enum Place {
    case here(any Plugin.Type)
    case process(PluginExecutable)
  }

  /// Finds the plugin for a request; throws "failed to find plugin" if no folder of CNI_PATH has it.
  public init(_ type: String, for request: PluginRequest) throws(CNIError) {
    self.type = type
    self.request = request
    let executable = try PluginExecutable(type, in: request.pluginPath)
    if let plugin = request.plugins.first(where: { $0.type == type }), Delegate.isThisExecutable(executable.path) {
      place = .here(plugin)
    } else {
      place = .process(executable)
    }
  }

  /// Whether the delegate runs in this process.
  public var isInProcess: Bool { if case .here = place { true } else { false } }

  /// Runs ADD. If a foreign plugin fails in it, runs its DEL, as the specification wants; ours leave nothing behind.
  public func add() throws -> CNIResult {
    switch place {
    case .here: return try perform(.add) ?? CNIResult()
    case .process(let executable):
      do {
        let object = try executable.resultObject(try executable.run(.add, environment: request.environment, input: request.input))
        // A result that does not say its version has the configuration's.
        let version = try object.string("cniVersion").flatMap { CNIVersion($0) } ?? request.configuration.version
        return try CNIResult(object, version: version)
      } catch {
        do { try delete() } catch let second { Log.warning("\(type) could not clean up after its failed ADD: \(second)") }
        throw error
      }
    }
  }

  /// Runs ADD of an IPAM plugin; a result without an address is undone, and an error.
  public func addAddresses() throws -> CNIResult {
    let result = try add()
    if result.addresses.isEmpty {
      do { try delete() } catch { Log.warning("\(type) could not clean up after an ADD without addresses: \(error)") }
      throw CNIError(.other, "IPAM plugin returned missing IP config")
    }
    return result
  }

  /// The same for a container without an interface: a lease of its attachment can only be what a killed ADD has left. It is given back, and the
  /// plugin is asked once more.
  public func addAddressesAnew() throws -> CNIResult {
    do { return try addAddresses() } catch let error as CNIError where error.code.isWorthRetrying {
      try delete()
      return try addAddresses()
    }
  }

  /// Runs DEL.
  public func delete() throws { try perform(.delete) }
  /// Runs CHECK.
  public func check() throws { try perform(.check) }
  /// Runs STATUS.
  public func status() throws { try perform(.status) }
  /// Runs GC.
  public func collectGarbage() throws { try perform(.collectGarbage) }

  @discardableResult
  private func perform(_ command: PluginCommand) throws -> CNIResult? {
    switch place {
    case .here(let plugin):
      guard plugin.supportedVersions.contains(request.configuration.version) else {
        throw CNIError(
          .incompatibleVersion, "incompatible CNI versions", details: "\(type) does not speak \(request.configuration.version)")
      }
      return try PluginProcess.perform(plugin, request.with(command))
    case .process(let executable):
      _ = try executable.run(command, environment: request.environment, input: request.input)
      return nil
    }
  }

  private static func isThisExecutable(_ path: String) -> Bool {
    // A file that cannot be looked at is not this one.
    guard let found = try? FileIdentity(path: path), let own = try? FileIdentity(path: "/proc/self/exe") else { return false }
    return found == own
  }
}

extension CNIErrorCode {
  /// Whether the failure may lie in what an earlier attempt left, rather than in the request itself.
  fileprivate var isWorthRetrying: Bool {
    ![.incompatibleVersion, .unsupportedField, .invalidEnvironment, .decoding, .invalidConfiguration, .ownNetworkNamespace].contains(self)
  }
}
