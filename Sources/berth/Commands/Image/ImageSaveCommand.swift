internal import ArgumentParser
internal import Engine
internal import Images

/// `berth image save`
struct ImageSaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Save one or more images to a tar archive (streamed to STDOUT by default)")

  @Option(name: [.short, .long], help: "Write to a file, instead of STDOUT") var output: String?
  @Option(help: "The kind of archive: docker or oci") var format = "docker"
  @Argument(help: "Names or IDs") var names: [String]

  func run() throws {
    let images = try LocalImages.open(), kind = try kind()
    try ArchiveOutput.write(to: output) { try images.store.save(names, as: kind, to: $0) }
    for name in names { images.log("save", try images.store.image(named: name).id, name: name) }
  }

  private func kind() throws -> ArchiveFormat {
    switch format {
    case "docker", "docker-archive": return .docker
    case "oci", "oci-archive": return .oci
    default: throw EngineError("invalid argument \"\(format)\" for \"--format\" flag: expected docker or oci", exitCode: 125)
    }
  }
}
