/// Where a container has printed something.
public enum LogStream: String, Sendable {
  /// The standard output, or the terminal.
  case output = "stdout"
  /// The standard error.
  case errors = "stderr"
}
