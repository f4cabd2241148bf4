internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Images
internal import Linux

/// `berth image load`
struct ImageLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load images from a docker archive, an OCI archive or the folder of an OCI layout")

  @Option(name: [.short, .long], help: "Read from tar archive file or layout folder, instead of STDIN") var input: String?
  @Flag(name: [.short, .long], help: "Suppress the load output") var quiet = false

  func run() throws {
    let images = try LocalImages.open(), changes: [ImageChange]
    if let input, input != "-" {
      guard FileSystem.exists(input) else { throw EngineError("open \(input): no such file or directory") }
      changes = try images.store.load(input)
    } else {
      if LocalTerminal.isTerminal(STDIN_FILENO) { throw EngineError("requested load from stdin, but stdin is empty") }
      changes = try images.store.load(reading: STDIN_FILENO)
    }
    for change in changes {
      Output.line(change.description)
      switch change {
      case .loaded(let name): images.log("load", try images.store.image(named: name).id, name: name)
      case .loadedID(let id): images.log("load", id)
      case .untagged, .deleted: break
      }
    }
  }
}
