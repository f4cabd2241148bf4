internal import ArgumentParser
internal import Engine

/// `berth wait`
struct WaitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait", abstract: "Block until one or more containers stop, then print their exit codes")

  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store()
    try ContainerLoop.run(containers, in: store, prints: false) { record in
      Output.line("\(try ContainerControl(record, in: store).wait())")
    }
  }
}
