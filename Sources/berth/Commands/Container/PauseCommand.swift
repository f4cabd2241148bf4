internal import ArgumentParser
internal import Engine

/// `berth pause`
struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pause", abstract: "Pause all processes within one or more containers")

  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store()
    try ContainerLoop.run(containers, in: store) { record in try ContainerControl(record, in: store).pause() }
  }
}
