internal import CLinux
internal import Containers
internal import Glibc
internal import Linux

/// A supervisor's ends of what a container's program reads and prints.
final class ContainerStreams {
  /// Where output comes from; a descriptor that has ended is -1.
  private(set) var sources: [(descriptor: Int32, stream: LogStream)] = []
  /// Where input goes; -1 if there is none.
  private(set) var input: Int32 = -1
  private let isTerminal: Bool
  private var ends: [Int32] = []
  private var pending: [UInt8] = []
  private var endsAfterPending = false

  /// Makes the pipes that a container's program gets, if it gets no terminal.
  init(usesTerminal: Bool, isInteractive: Bool) throws(SystemError) {
    isTerminal = usesTerminal
    if usesTerminal { return }
    if isInteractive {
      let (read, write) = try ContainerStreams.pipe()
      ends.append(read)
      input = write
    } else {
      ends.append(try OwnedFile("/dev/null").release())
    }
    for stream in [LogStream.output, .errors] {
      let (read, write) = try ContainerStreams.pipe()
      ends.append(write)
      sources.append((read, stream))
    }
    for descriptor in sources.map(\.descriptor) + [input] where descriptor >= 0 { ContainerStreams.unblock(descriptor) }
  }

  deinit {
    for descriptor in ends { close(descriptor) }
    if isTerminal { return }
    for source in sources where source.descriptor >= 0 { close(source.descriptor) }
    if input >= 0 { close(input) }
  }

  /// What the container's first process is created with.
  func standardStreams(rows: UInt16, columns: UInt16) -> StandardStreams {
    isTerminal ? .terminal(rows: rows, columns: columns) : .descriptors(input: ends[0], output: ends[1], errors: ends[2])
  }

  /// After the start only the container has its ends. The terminal stays the process's.
  func started(terminal: Int32?) {
    for descriptor in ends { close(descriptor) }
    ends = []
    guard let terminal else { return }
    ContainerStreams.unblock(terminal)
    sources = [(terminal, .output)]
    input = terminal
  }

  /// Whether input waits for room.
  var hasPendingInput: Bool { input >= 0 && !pending.isEmpty }
  /// Whether more input should be taken from commands.
  var takesInput: Bool { pending.count < 256 << 10 }

  /// Takes bytes for the program; they are lost if it has no input.
  func give(_ bytes: [UInt8]) {
    guard input >= 0, !endsAfterPending else { return }
    pending += bytes
    writePending()
  }

  /// The input has ended. A terminal's never does.
  func endInput() {
    if isTerminal { return }
    endsAfterPending = true
    writePending()
  }

  /// Writes what the program takes now.
  func writePending() {
    while input >= 0, !pending.isEmpty {
      let count = pending.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { closeInput() }
        return
      }
      pending.removeFirst(count)
    }
    if endsAfterPending { closeInput() }
  }

  /// Sets a terminal's size; the program gets SIGWINCH.
  func resize(rows: UInt16, columns: UInt16) {
    guard isTerminal, input >= 0 else { return }
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(input, UInt(TIOCSWINSZ), &size)
  }

  /// Reads what a source has; nil if there is nothing now. A source that has ended is not asked again.
  func read(_ stream: LogStream) -> [UInt8]? {
    guard let index = sources.firstIndex(where: { $0.stream == stream }), sources[index].descriptor >= 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      let count = Glibc.read(sources[index].descriptor, &buffer, buffer.count)
      if count > 0 { return Array(buffer[..<count]) }
      if count < 0, errno == EINTR { continue }
      // A terminal answers EIO when nobody has its other end.
      if count == 0 || errno != EAGAIN {
        if !isTerminal { close(sources[index].descriptor) }
        sources[index].descriptor = -1
      }
      return nil
    }
  }

  private func closeInput() {
    if !isTerminal, input >= 0 { close(input) }
    input = -1
    pending = []
  }

  private static func pipe() throws(SystemError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard clinux_pipe(&ends) == 0 else { throw SystemError(.last, "make a pipe") }
    return (ends[0], ends[1])
  }

  private static func unblock(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
}
