/// One run of a plugin, for people who want to see what it was asked and what it answered.
public struct PluginRun: Sendable {
  /// The plugin's type.
  public let type: String
  /// What it was asked to do.
  public let command: PluginCommand
  /// What it got on its standard input.
  public let input: [UInt8]
  /// What it printed, or its error.
  public let outcome: Result<[UInt8], CNIError>
  /// How long it took, from before its start to after its end, in nanoseconds.
  public let nanoseconds: Int64
}
