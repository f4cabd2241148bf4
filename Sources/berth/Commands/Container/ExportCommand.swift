internal import ArgumentParser
internal import Engine
internal import Images

/// `berth export`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Export a container's filesystem as a tar archive")

  @Option(name: [.short, .long], help: "Write to a file, instead of STDOUT") var output: String?
  @Argument(help: "A name or an ID") var container: String

  func run() throws {
    let store = try Invocation.store(), record = try store.find(container)
    let root = try ContainerFiles(record: record, places: store.places).root()
    try ArchiveOutput.write(to: output) { try root.export(to: $0) }
    EventLog(store.places).append(Event("export", record))
  }
}
