internal import Containers
internal import Engine
internal import Glibc
internal import Linux

/// A person's terminal joined to the one of a program that `exec` runs.
struct TerminalSession {
  let takesInput: Bool
  let keys: DetachKeys

  /// Passes on input, output and sizes until the program has ended, and answers its exit code; 0 if the person leaves.
  func run(_ process: consuming ExecutedProcess) throws -> Int32 {
    guard let terminal = process.terminal else { return try process.wait() }
    let raw = takesInput ? LocalTerminal() : nil
    defer { withExtendedLifetime(raw) {} }
    let signals = try Signals([SIGWINCH])
    var keys = keys, readsInput = takesInput, hasEnded = false
    while true {
      var polls = [
        pollfd(fd: terminal, events: Int16(POLLIN), revents: 0), pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: readsInput ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: hasEnded ? -1 : process.pidDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      // After the end only what is already there is of interest: others may keep the terminal open.
      let count = poll(&polls, 4, hasEnded ? 0 : -1)
      if count < 0 { continue }
      if polls[0].revents != 0, !TerminalSession.copy(from: terminal) { return try process.wait() }
      if hasEnded, polls[0].revents == 0 { return try process.wait() }
      if polls[1].revents != 0 { while signals.next() != nil { TerminalSession.resize(terminal) } }
      if polls[2].revents != 0 {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count <= 0 { readsInput = false }
        let (bytes, detaches) = keys.filter(buffer[..<max(0, count)])
        TerminalSession.write(bytes, to: terminal)
        if detaches { return 0 }
      }
      if polls[3].revents != 0 { hasEnded = true }
    }
  }

  /// Prints what the program has printed; false when nobody has the terminal any more.
  private static func copy(from terminal: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = read(terminal, &buffer, buffer.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return true }
    if count <= 0 { return false }
    write(Array(buffer[..<count]), to: STDOUT_FILENO)
    return true
  }

  private static func resize(_ terminal: Int32) {
    guard let size = LocalTerminal.size else { return }
    var window = winsize(ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &window)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    let file = OwnedFile(adopting: descriptor)
    try? file.write(bytes)
    _ = file.release()
  }
}
