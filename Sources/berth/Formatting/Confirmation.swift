internal import Glibc

/// A question that a person answers at the terminal before something is removed.
enum Confirmation {
  /// Prints the warning and docker's question; true for an answer that begins with y.
  static func ask(_ warning: String) -> Bool {
    Output.write("\(warning)\nAre you sure you want to continue? [y/N] ", to: STDOUT_FILENO)
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }
}
