internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Images
internal import Linux

/// `berth image import`
struct ImageImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import the contents from a tarball or a folder to create a filesystem image",
    usage: "berth import [OPTIONS] FILE|FOLDER|- [REPOSITORY[:TAG]]")

  @Option(name: [.customShort("c", allowingJoined: true), .long], help: "Apply Dockerfile instruction to the created image") var change:
    [String] = []
  @Option(name: [.short, .long], help: "Set commit message for imported image") var message = ""
  @Argument(help: "A tar archive (also compressed), a folder, or - for the standard input") var source: String
  @Argument(help: "The image's name") var name: String?

  func run() throws {
    let images = try LocalImages.open(), reference = try name.map { try ImageReference($0) }
    let id = try make(images.store, reference)
    Output.line(id)
    images.log("import", id, name: reference?.tagged.description)
  }

  private func make(_ store: ImageStore, _ name: ImageReference?) throws -> String {
    if source == "-" { return try store.importRoot(reading: STDIN_FILENO, name: name, changes: change, message: message) }
    if source.contains("://") {
      throw EngineError("import \(source): berth fetches nothing: expected a file, a folder or -", exitCode: 125)
    }
    if FileSystem.isFolder(source) { return try store.importRoot(folder: source, name: name, changes: change, message: message) }
    let file = try OwnedFile(source)
    return try store.importRoot(
      reading: file.descriptor, name: name, changes: change, message: message.isEmpty ? "Imported from \(source)" : message)
  }
}
