internal import ArgumentParser
internal import Engine

/// `berth volume inspect`
struct VolumeInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Display detailed information on one or more volumes")

  @Option(name: [.short, .long], help: "Format the output with a template, or json") var format: String?
  @Argument(help: "Names of volumes") var volumes: [String]

  func run() throws {
    let store = VolumeStore(try Invocation.store().places)
    try DescriptionList.print(volumes, format: format) { VolumeDescription(try store.volume(named: $0), store).json }
  }
}
