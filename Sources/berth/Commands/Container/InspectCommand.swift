internal import ArgumentParser
internal import Engine

/// `berth inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Return low-level information on objects")

  @Option(name: [.short, .long], parsing: .unconditional, help: "Format output using a custom template, or json") var format: String?
  @Flag(name: [.short, .long], help: "Display total file sizes if the type is container") var size = false
  @Option(help: "Return JSON for the specified type: container, image, network or volume") var type: String?
  @Argument(help: "Names or IDs") var names: [String]

  func run() throws {
    let store = try Invocation.store(), inspection = Inspection(store: store)
    try DescriptionList.print(names, format: format) { try inspection.object($0, type: type) }
  }
}
