internal import ArgumentParser
internal import Engine

/// `berth volume rm`
struct VolumeRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove one or more volumes", aliases: ["remove"])

  @Flag(name: [.short, .long], help: "Do not error if the volume does not exist") var force = false
  @Argument(help: "Names of volumes") var volumes: [String]

  func run() throws {
    let containers = try Invocation.store(), store = VolumeStore(containers.places)
    var failed = false
    for name in volumes {
      do {
        if force, try !store.volumes().contains(where: { $0.name == name }) { continue }
        try store.remove(name, in: containers)
        Output.line(name)
      } catch {
        Output.message("Error: \(error)")
        failed = true
      }
    }
    if failed { throw ExitCode(1) }
  }
}
