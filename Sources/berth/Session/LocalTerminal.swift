internal import Glibc

/// The terminal that berth was started in.
struct LocalTerminal: ~Copyable {
  private let descriptor: Int32
  private var before = termios()

  /// Whether a descriptor leads to a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Takes over the terminal on the standard input: keys come one by one and nothing is printed for them. It is given back when this value goes.
  init?() {
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    descriptor = STDIN_FILENO
    var raw = before
    cfmakeraw(&raw)
    tcsetattr(descriptor, TCSANOW, &raw)
  }

  deinit {
    var before = before
    tcsetattr(descriptor, TCSANOW, &before)
  }

  /// The size of the terminal on the standard output or input; nil if there is none.
  static var size: (rows: UInt16, columns: UInt16)? {
    var size = winsize()
    for descriptor in [STDOUT_FILENO, STDIN_FILENO] where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 {
      return (size.ws_row, size.ws_col)
    }
    return nil
  }
}
