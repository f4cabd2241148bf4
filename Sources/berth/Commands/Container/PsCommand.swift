internal import ArgumentParser
internal import Engine

/// `berth ps`
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List containers")

  @Flag(name: [.short, .long], help: "Show all containers (default shows just running)") var all = false

  func run() throws {
    for record in try ContainerStore(Invocation.current.places).records() where all || record.status.state == .running {
      print(record.shortID, record.image, record.name)
    }
  }
}
