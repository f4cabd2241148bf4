internal import ArgumentParser
internal import Engine

/// `berth kill`
struct KillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kill", abstract: "Kill one or more running containers")

  @Option(name: [.short, .long], help: "Signal to send to the container") var signal = "KILL"
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store(), signal = try Signal(signal)
    try ContainerLoop.run(containers, in: store) { record in try ContainerControl(record, in: store).signal(signal) }
  }
}
