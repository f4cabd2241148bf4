internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth image inspect`
struct ImageInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Display detailed information on one or more images")

  @Option(name: [.short, .long], parsing: .unconditional, help: "Format output using a custom template, or json") var format: String?
  @Argument(help: "Names or IDs") var names: [String]

  func run() throws {
    var inspect = InspectCommand()
    inspect.format = format
    inspect.size = false
    inspect.type = "image"
    inspect.names = names
    try inspect.run()
  }
}
