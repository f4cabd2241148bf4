internal import CLinux
internal import Glibc
internal import Linux

/// Signals to berth itself, taken one by one instead of ending it.
struct Signals: ~Copyable {
  private let file: OwnedFile

  /// What a shell or a person sends, and what tells of a new size.
  static let proxied: [Int32] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT]

  /// Takes over these signals.
  init(_ numbers: [Int32]) throws(SystemError) {
    let descriptor = clinux_signals(numbers, Int32(numbers.count))
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "wait for signals") }
    file = OwnedFile(adopting: descriptor)
  }

  /// For poll(2).
  var descriptor: Int32 { file.descriptor }

  /// The next one that has come.
  func next() -> Int32? {
    let number = clinux_next_signal(file.descriptor)
    return number > 0 ? number : nil
  }
}
