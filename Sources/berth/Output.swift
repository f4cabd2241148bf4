internal import Glibc
internal import Linux

/// What berth prints: results on the standard output, everything else on the standard error; each text in one write.
enum Output {
  /// Prints a result and a line feed.
  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Prints a message to the person and a line feed.
  static func message(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes text to a descriptor; a reader who has gone is no error worth telling.
  static func write(_ text: String, to descriptor: Int32) {
    let file = OwnedFile(adopting: descriptor)
    try? file.write(Array(text.utf8))
    _ = file.release()
  }
}
