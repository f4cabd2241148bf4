internal import ArgumentParser
internal import Engine

/// `berth rename`
struct RenameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rename", abstract: "Rename a container")

  @Argument(help: "Name or ID") var container: String
  @Argument(help: "The new name") var name: String

  func run() throws {
    let store = try Invocation.store(), record = try store.find(container)
    let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
    if name == record.name { throw EngineError("Renaming a container with the same name as its current name") }
    do { try store.rename(record.id, to: name) } catch let error as EngineError { throw EngineError(error.description) }
    EventLog(store.places).append(Event("rename", try store.find(record.id), [("oldName", record.name)]))
    try ContainerNetworking(store.find(record.id), in: store).refreshNeighbors()
  }
}
