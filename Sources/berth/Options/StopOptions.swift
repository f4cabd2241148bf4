internal import ArgumentParser
internal import Engine

/// How a container is asked to stop.
struct StopOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("time"), .customLong("timeout")], parsing: .unconditional,
    help: "Seconds to wait before killing the container; -1 for ever")
  var time: Int?
  @Option(name: [.short, .long], help: "Signal to send to the container") var signal: String?

  /// What stops a container as the options want it, and otherwise as it was made. Throws for an unknown signal before anything happens.
  func action(in store: ContainerStore) throws -> (ContainerRecord) throws -> Void {
    let signal = try signal.map { try Signal($0) }
    return { try ContainerControl($0, in: store).stop(signal: signal, seconds: time ?? $0.options.stopTimeout ?? 10) }
  }
}
