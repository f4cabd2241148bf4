internal import ArgumentParser
internal import Engine

/// `berth stop`
struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop one or more running containers")

  @OptionGroup var options: StopOptions
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store(), stop = try options.action(in: store)
    try ContainerLoop.run(containers, in: store) { try stop($0) }
  }
}
