internal import ArgumentParser
internal import Engine

/// `berth network check`: CHECK of every plugin for every running container.
struct NetworkCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check that the networks of running containers are as they were made")

  @Argument(help: "Names or IDs of containers; all running ones if none is named") var names: [String] = []

  func run() throws {
    let containers = try Invocation.store()
    let records = names.isEmpty ? try containers.records() : try names.map { try containers.find($0) }
    var failed = false
    for record in records {
      guard record.networkNamespacePath != nil else {
        if !names.isEmpty { throw EngineError("container \(record.name) is not running") }
        continue
      }
      do {
        try ContainerNetworking(record, in: containers).check()
        Output.line(record.name)
      } catch {
        Output.message("Error: \(error)")
        failed = true
      }
    }
    if failed { throw ExitCode(1) }
  }
}
