internal import ArgumentParser
internal import Engine

/// `berth network rm`
struct NetworkRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove one or more networks", aliases: ["remove"])

  @Flag(name: [.short, .long], help: "Do not error if the network does not exist") var force = false
  @Argument(help: "Names or IDs of networks") var networks: [String]

  func run() throws {
    let store = try NetworkStore(Invocation.store().places)
    var failed = false
    for name in networks {
      do {
        if force, try store.isMissing(name) { continue }
        try store.remove(name)
        Output.line(name)
      } catch {
        Output.message("Error: \(error)")
        failed = true
      }
    }
    if failed { throw ExitCode(1) }
  }
}
