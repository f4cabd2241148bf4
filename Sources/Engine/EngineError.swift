/// What berth tells the person who typed a command, in one sentence.
public struct EngineError: Error, CustomStringConvertible {
  /// The sentence, without "Error:" and without a full stop.
  public let description: String
  /// The exit code of the command: 1, or 125, 126, 127 as docker gives them.
  public let exitCode: Int32

  /// Describes a failure.
  public init(_ description: String, exitCode: Int32 = 1) {
    self.description = description
    self.exitCode = exitCode
  }
}
