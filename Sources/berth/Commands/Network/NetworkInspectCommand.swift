internal import ArgumentParser
internal import Engine

/// `berth network inspect`
struct NetworkInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Display detailed information on one or more networks")

  @Option(name: [.short, .long], help: "Format the output with a template, or json") var format: String?
  @Flag(name: [.short, .long], help: .hidden) var verbose = false
  @Argument(help: "Names or IDs of networks") var networks: [String]

  func run() throws {
    let store = NetworkStore(try Invocation.store().places)
    try DescriptionList.print(networks, format: format) { try NetworkDescription(named: $0, in: store).json }
  }
}
