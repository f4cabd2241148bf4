internal import ArgumentParser
internal import Engine

/// Starts containers for `run`, `start` and `restart`.
struct Starter {
  let store: ContainerStore

  /// Starts a container and leaves it alone.
  func start(_ record: ContainerRecord) throws {
    let connection = try SupervisorLauncher(store).launch(record.id)
    var session = AttachedSession(
      connection, record: record, store: store, givesInput: false, proxiesSignals: false, keys: try DetachKeys(""))
    try session.awaitStart()
  }

  /// Starts a container and stays until it ends; answers its exit code.
  func startAttached(_ record: ContainerRecord, givesInput: Bool, proxiesSignals: Bool, keys: DetachKeys) throws -> Int32 {
    let wishes: Frame.Wishes = givesInput ? [.output, .input] : .output
    let connection = try SupervisorLauncher(store).launch(
      record.id, wishes: wishes, size: record.options.usesTerminal ? LocalTerminal.size : nil)
    var session = AttachedSession(
      connection, record: record, store: store, givesInput: givesInput, proxiesSignals: proxiesSignals, keys: keys)
    try session.awaitStart()
    return try Starter.code(of: session.run(), record, store)
  }

  /// The exit code of berth after a session.
  static func code(of outcome: AttachedSession.Outcome, _ record: ContainerRecord, _ store: ContainerStore) throws -> Int32 {
    switch outcome {
    case .ended(let code): return code
    case .detached: return 0
    case .lost:
      try ContainerUpkeep(store).run()
      Output.message("Error: the container's supervisor was killed, and the container with it")
      return 137
    }
  }
}
