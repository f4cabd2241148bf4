internal import ArgumentParser
internal import Engine

/// `berth unpause`
struct UnpauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "unpause", abstract: "Unpause all processes within one or more containers")

  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store()
    try ContainerLoop.run(containers, in: store) { record in try ContainerControl(record, in: store).unpause() }
  }
}
