/// What went wrong with the plugins of one network: every failure, in the order in which they happened.
public struct RuntimeError: Error, CustomStringConvertible {
  /// One plugin that failed.
  public struct Failure: Sendable, CustomStringConvertible {
    /// The plugin's type.
    public let type: String
    /// What the plugin was asked to do.
    public let command: PluginCommand
    /// The plugin's own error.
    public let error: CNIError

    /// `bridge DEL: …`
    public var description: String { "\(type) \(command.rawValue): \(error)" }
  }

  /// The network's name.
  public let network: String
  /// At least one failure.
  public let failures: [Failure]

  /// The network and all failures on one line.
  public var description: String { "network \(network): \(failures.map { $0.description }.joined(separator: "; "))" }
}
