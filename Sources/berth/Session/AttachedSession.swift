internal import Engine
internal import Glibc
internal import Linux

/// A person's standard streams joined to a container's, until it ends or they leave it.
struct AttachedSession: ~Copyable {
  /// How a session ended.
  enum Outcome {
    /// The container's process has ended with this exit code.
    case ended(Int32)
    /// The person left with the detach keys, or there was nothing to wait for.
    case detached
    /// The supervisor is gone without a word.
    case lost
  }

  private let store: ContainerStore
  private let id: String
  private let givesInput: Bool
  private let usesTerminal: Bool
  private let proxiesSignals: Bool
  private var connection: Connection
  private var keys: DetachKeys

  /// Joins a conversation with the supervisor of a container.
  init(
    _ connection: consuming Connection, record: ContainerRecord, store: ContainerStore, givesInput: Bool, proxiesSignals: Bool,
    keys: DetachKeys
  ) {
    self.connection = connection
    self.store = store
    self.keys = keys
    self.givesInput = givesInput
    self.proxiesSignals = proxiesSignals
    id = record.id
    usesTerminal = record.options.usesTerminal
  }

  /// Waits for the container's start; throws why it failed, with docker's exit code.
  mutating func awaitStart() throws {
    while let frame = connection.receive() {
      switch frame {
      case .started: return
      case .failed(let code, let sentence): throw EngineError(sentence, exitCode: code)
      default: break
      }
    }
    throw EngineError(
      "the container's supervisor ended before the container was started; see \(store.places.container(id))/supervisor.log", exitCode: 125)
  }

  /// Passes on input, output, signals and sizes.
  mutating func run() throws -> Outcome {
    let raw = usesTerminal && givesInput ? LocalTerminal() : nil
    let signals = try Signals(proxiesSignals ? Signals.proxied + [SIGWINCH] : [SIGWINCH])
    var readsInput = givesInput
    defer { withExtendedLifetime(raw) {} }
    while true {
      while let frame = connection.arrived() { if let outcome = take(frame) { return outcome } }
      var polls = [
        pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: readsInput ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polls, 3, -1) < 0 { continue }
      if polls[1].revents != 0 { while let number = signals.next() { pass(number) } }
      if polls[2].revents != 0 {
        switch passInput() {
        case .more: break
        case .end: readsInput = false
        case .detach: return .detached
        }
      }
      if polls[0].revents != 0, !connection.fill() {
        while let frame = connection.arrived() { if let outcome = take(frame) { return outcome } }
        return .lost
      }
    }
  }

  private func take(_ frame: Frame) -> Outcome? {
    switch frame {
    case .output(let bytes): write(bytes, STDOUT_FILENO)
    case .errors(let bytes): write(bytes, STDERR_FILENO)
    case .ended(let code), .failed(let code, _): return .ended(code)
    default: break
    }
    return nil
  }

  private enum Input { case more, end, detach }

  private mutating func passInput() -> Input {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return .more }
    guard count > 0 else {
      connection.send(.inputEnd)
      return .end
    }
    guard usesTerminal else {
      connection.send(.input(Array(buffer[..<count])))
      return .more
    }
    let (bytes, detaches) = keys.filter(buffer[..<count])
    if !bytes.isEmpty { connection.send(.input(bytes)) }
    return detaches ? .detach : .more
  }

  private func pass(_ number: Int32) {
    if number == SIGWINCH {
      if usesTerminal, let size = LocalTerminal.size { connection.send(.size(rows: size.rows, columns: size.columns)) }
    } else if let record = try? store.record(id) {
      try? ContainerControl(record, in: store).pass(Signal(number: number))
    }
  }

  private func write(_ bytes: [UInt8], _ descriptor: Int32) {
    let file = OwnedFile(adopting: descriptor)
    try? file.write(bytes)
    _ = file.release()
  }
}
