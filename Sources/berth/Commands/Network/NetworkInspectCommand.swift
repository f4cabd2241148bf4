internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth network inspect`
struct NetworkInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Display detailed information on one or more networks")

  @Option(name: [.short, .long], help: "Format the output with a template") var format: String?
  @Argument(help: "Names or IDs of networks") var networks: [String]

  func run() throws {
    let places = Invocation.current.places
    let found = try networks.map { try NetworkDescription(NetworkStore(places).network(named: $0), places).json }
    if let format {
      let template = try Template(format)
      for case .object(let object) in found { Output.line(try template.text(object)) }
    } else {
      Output.line(JSONValue.array(found).indented(by: 4))
    }
  }
}
