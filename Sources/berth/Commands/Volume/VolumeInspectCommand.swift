internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth volume inspect`
struct VolumeInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Display detailed information on one or more volumes")

  @Option(name: [.short, .long], help: "Format the output with a template") var format: String?
  @Argument(help: "Names of volumes") var volumes: [String]

  func run() throws {
    let store = VolumeStore(Invocation.current.places)
    let found = try volumes.map { try VolumeInspectCommand.description(store.volume(named: $0), store) }
    if let format {
      let template = try Template(format)
      for object in found { Output.line(try template.text(object)) }
    } else {
      Output.line(JSONValue.array(found.map { .object($0) }).indented(by: 4))
    }
  }

  /// A volume as docker describes one.
  static func description(_ volume: Volume, _ store: VolumeStore) -> JSONObject {
    JSONObject([
      ("CreatedAt", .string(volume.created)), ("Driver", "local"), ("Labels", NetworkDescription.pairs(volume.labels)),
      ("Mountpoint", .string(store.contentPath(of: volume.name))), ("Name", .string(volume.name)), ("Options", [:]), ("Scope", "local"),
    ])
  }
}
