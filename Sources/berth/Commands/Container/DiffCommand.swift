internal import ArgumentParser
internal import Engine
internal import Images

/// `berth diff`
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Inspect changes to files or directories on a container's filesystem")

  @Argument(help: "A name or an ID") var container: String

  func run() throws {
    let store = try Invocation.store(), record = try store.find(container)
    guard record.rootFolder == nil else {
      throw EngineError(
        "container \(record.name) was made from the folder \(record.rootFolder ?? ""): what it changed there is not recorded")
    }
    let upper = try ContainerFiles(record: record, places: store.places).upper()
    let changes = try FolderDifference.changes(
      upper: upper, lower: record.imageDefaults.layers, mountPoints: ContainerFiles.ownPaths)
    for change in changes { Output.line(change.description) }
  }
}
