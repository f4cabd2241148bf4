/// A CNI plugin.
///
/// Its value is the decoded configuration: having one means that the configuration is valid. Every method is one command. Whatever error is
/// thrown reaches the runtime; errors that are not `CNIError` get code 5 (failed system calls) or 999.
public protocol Plugin {
  /// The name that configurations call it by, and that of its executable.
  static var type: String { get }
  /// The versions of the specification it speaks; all of them unless it says otherwise.
  static var supportedVersions: ClosedRange<CNIVersion> { get }

  /// Decodes the request's configuration, for whichever command it carries, and changes nothing.
  init(_ request: PluginRequest) throws

  /// Attaches the container and says what was made. A failed ADD leaves nothing behind.
  func add(_ request: PluginRequest) throws -> CNIResult
  /// Undoes an attachment as far as there is anything to undo.
  func delete(_ request: PluginRequest) throws
  /// Throws unless the attachment is as ADD left it.
  func check(_ request: PluginRequest) throws
  /// Throws code 50 or 51 if an ADD could not succeed now.
  func status(_ request: PluginRequest) throws
  /// Removes what belongs to attachments of this network that are not in `request.validAttachments`.
  func collectGarbage(_ request: PluginRequest) throws
}

extension Plugin {
  /// 0.1.0 to 1.1.0
  public static var supportedVersions: ClosedRange<CNIVersion> { CNIVersion.supported }
  /// Needs nothing, so that it can always work.
  public func status(_ request: PluginRequest) throws {}
  /// Keeps nothing, so that there is nothing to remove.
  public func collectGarbage(_ request: PluginRequest) throws {}
}
