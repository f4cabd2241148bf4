internal import ArgumentParser
internal import Engine

/// `berth restart`
struct RestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "restart", abstract: "Restart one or more containers")

  @OptionGroup var options: StopOptions
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store(), stop = try options.action(in: store)
    try ContainerLoop.run(containers, in: store) { record in
      // One that removes itself when it ends could not be started again.
      let stays = try store.update(record.id) { $0.options.removesItself = false }
      try stop(stays)
      try store.update(record.id) { $0.options.removesItself = record.options.removesItself }
      try Starter(store: store).start(record)
      EventLog(store.places).append(Event("restart", record))
    }
  }
}
