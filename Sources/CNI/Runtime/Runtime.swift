internal import JSON

/// The runtime's side of the protocol: runs the plugins of a network list, each as a process of its own.
///
/// Unlike the common library it records what it is about to do before the first plugin runs, undoes an ADD that fails, and goes on with DEL and GC
/// when one plugin fails. Sections 2 and 3 of the CNI specification.
///
/// Whoever calls sees to it that no two operations run on one container at once.
public struct Runtime: Sendable {
  /// Where the plugins are.
  public let pluginPath: PluginPath
  /// What is remembered between ADD and DEL.
  public let cache: ResultCache
  /// What plugins get in their environment besides the CNI variables.
  public let environment: Environment
  /// Is told of every run of a plugin when it has ended.
  public var observer: (@Sendable (PluginRun) -> Void)?

  /// Joins the three parts.
  public init(pluginPath: PluginPath, cache: ResultCache = ResultCache(), environment: Environment = .ofThisProcess()) {
    self.pluginPath = pluginPath
    self.cache = cache
    self.environment = environment
  }

  /// Attaches a container and returns the last plugin's result.
  ///
  /// If a plugin fails, all are asked to undo, and the `RuntimeError` lists the failure first and then whatever could not be undone. In that case
  /// the record stays, so that DEL and GC can try again. An attachment whose ADD was interrupted is undone first. Throws before anything is done if
  /// the attachment is already on record, or a plugin is not installed.
  public func add(_ list: NetworkList, _ request: AttachmentRequest) throws -> CNIResult {
    let attachment = try request.attachment(in: list.name)
    for plugin in list.plugins { _ = try PluginExecutable(plugin.type, in: pluginPath) }
    switch try cache.state(of: attachment) {
    case .absent: break
    case .attached: throw CNIError(.other, "\(attachment) is already attached; it must be deleted first")
    case .interrupted: try delete(list, request)
    }
    var entry = CachedAttachment(network: list.name, request: request, configuration: Array(JSONValue.object(list.json).text.utf8))
    try cache.store(entry)
    var result = CNIResult()
    for plugin in list.plugins {
      do {
        let call = PluginCall(plugin, list, request, previousResult: entry.result)
        (entry.result, result) = try call.add(self)
      } catch {
        let cause = RuntimeError.Failure(type: plugin.type, command: .add, error: CNIError(error))
        let remains = failures(undoing: list, request, result: nil)
        if remains.isEmpty { try cache.remove(attachment) }
        throw RuntimeError(network: list.name, failures: [cause] + remains)
      }
    }
    try cache.store(entry)
    return result
  }

  /// Undoes an attachment with all plugins, the last one first. Succeeds if nothing is there to undo.
  ///
  /// Every plugin is called, whatever the others say; the `RuntimeError` lists all failures, and the record stays for another try.
  public func delete(_ list: NetworkList, _ request: AttachmentRequest) throws {
    let attachment = try request.attachment(in: list.name)
    let failures = failures(undoing: list, request, result: rememberedResult(attachment))
    guard failures.isEmpty else { throw RuntimeError(network: list.name, failures: failures) }
    try cache.remove(attachment)
  }

  /// Verifies an attachment; the `RuntimeError` lists every plugin that finds something missing.
  ///
  /// Does nothing if the list says `disableCheck`. Throws code 1 below version 0.4.0, and code 3 if no result is on record.
  public func check(_ list: NetworkList, _ request: AttachmentRequest) throws {
    let attachment = try request.attachment(in: list.name)
    guard list.version >= .v040 else { throw CNIError(.incompatibleVersion, "config version does not allow CHECK") }
    if list.disablesCheck { return }
    guard let result = try cache.entry(of: attachment)?.result else {
      throw CNIError(.unknownContainer, "no result of an ADD is on record for \(attachment)")
    }
    try all(list, .check, list.plugins.map { PluginCall($0, list, request, previousResult: result) })
  }

  /// Removes what belongs to no attachment in `valid`: first the attachments on record, by DEL, then whatever the plugins find, by GC.
  ///
  /// GC exists from version 1.1.0 on; below that only the attachments on record go. Does nothing if the list says `disableGC`.
  public func collectGarbage(_ list: NetworkList, keeping valid: Set<Attachment>) throws {
    if list.disablesGarbageCollection { return }
    var failures: [RuntimeError.Failure] = []
    for entry in try cache.entries(of: list.name) where !valid.contains(entry.attachment) {
      let remains = self.failures(undoing: list, entry.request, result: entry.result)
      if remains.isEmpty { try cache.remove(entry.attachment) }
      failures += remains
    }
    if list.version >= .v110 {
      let attachments = valid.filter { $0.network == list.name }.sorted { $0.description < $1.description }
      failures += self.failures(list.name, .collectGarbage, list.plugins.map { PluginCall($0, list, keeping: attachments) })
    }
    guard failures.isEmpty else { throw RuntimeError(network: list.name, failures: failures) }
  }

  /// Asks whether an ADD could succeed now; the `RuntimeError` lists every plugin that says no. STATUS exists from version 1.1.0 on.
  public func status(_ list: NetworkList) throws {
    if list.version >= .v110 { try all(list, .status, list.plugins.map { PluginCall($0, list) }) }
  }

  /// The versions that an installed plugin says it speaks, as it writes them.
  public func versions(of type: String) throws(CNIError) -> [String] {
    let plugin = try PluginExecutable(type, in: pluginPath)
    let output = try plugin.run(.version, environment: environment, input: Array(#"{"cniVersion":"\#(CNIVersion.current)"}"#.utf8))
    return try plugin.resultObject(output).strings("supportedVersions") ?? []
  }

  /// Throws a `RuntimeError` that lists the plugins that are not installed or do not speak the list's version.
  public func validate(_ list: NetworkList) throws {
    let failures = list.plugins.compactMap { plugin -> RuntimeError.Failure? in
      do {
        if try versions(of: plugin.type).contains(list.version.description) { return nil }
        throw CNIError(.incompatibleVersion, "plugin \(plugin.type) does not support config version \"\(list.version)\"")
      } catch { return RuntimeError.Failure(type: plugin.type, command: .version, error: CNIError(error)) }
    }
    guard failures.isEmpty else { throw RuntimeError(network: list.name, failures: failures) }
  }

  /// DEL of all plugins, the last one first; returns what failed.
  private func failures(undoing list: NetworkList, _ request: AttachmentRequest, result: JSONObject?) -> [RuntimeError.Failure] {
    let previous = list.version >= .v040 ? result : nil
    return failures(list.name, .delete, list.plugins.reversed().map { PluginCall($0, list, request, previousResult: previous) })
  }

  /// Runs a command on every plugin, and returns what failed.
  private func failures(_ network: String, _ command: PluginCommand, _ calls: [PluginCall]) -> [RuntimeError.Failure] {
    calls.compactMap { (call) -> RuntimeError.Failure? in
      do {
        _ = try call.run(command, self)
        return nil
      } catch { return RuntimeError.Failure(type: call.type, command: command, error: CNIError(error)) }
    }
  }

  private func all(_ list: NetworkList, _ command: PluginCommand, _ calls: [PluginCall]) throws {
    let failures = failures(list.name, command, calls)
    guard failures.isEmpty else { throw RuntimeError(network: list.name, failures: failures) }
  }

  /// The result on record. A record that cannot be read must not keep DEL from cleaning up.
  private func rememberedResult(_ attachment: Attachment) -> JSONObject? {
    do { return try cache.entry(of: attachment)?.result } catch {
      Log.warning("DEL of \(attachment) goes on without the result of its ADD: \(error)")
      return nil
    }
  }
}
