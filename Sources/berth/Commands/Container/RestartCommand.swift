internal import ArgumentParser
internal import Engine

/// `berth restart`
struct RestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "restart", abstract: "Restart one or more containers")

  @Option(
    name: [.short, .customLong("time"), .customLong("timeout")], parsing: .unconditional,
    help: "Seconds to wait before killing the container; -1 for ever")
  var time: Int?
  @Option(name: [.short, .long], help: "Signal to send to the container") var signal: String?
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store(), signal = try signal.map { try Signal($0) }
    try ContainerLoop.run(containers, in: store) { record in
      // One that removes itself when it ends could not be started again.
      let stays = try store.update(record.id) { $0.options.removesItself = false }
      try ContainerControl(stays, in: store).stop(signal: signal, seconds: time ?? record.options.stopTimeout ?? 10)
      try store.update(record.id) { $0.options.removesItself = record.options.removesItself }
      try Starter(store: store).start(record)
      EventLog(store.places).append(Event("restart", record))
    }
  }
}
