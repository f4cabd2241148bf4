internal import Glibc
internal import Linux

/// Messages for the person who reads the runtime's log. They go to standard error; standard output belongs to results.
public enum Log {
  /// Tells of something that did not stop the command but that somebody should know.
  public static func warning(_ message: String) { write("warning: \(message)") }

  /// Writes one line in one call, so that lines of concurrent plugins do not mix.
  static func write(_ line: String) {
    let bytes = Array("cni: \(line)\n".utf8)
    // Whoever closed standard error does not want to hear us; the count of the buffer is its own.
    _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
