internal import ArgumentParser
internal import Engine

/// `berth rm`
struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove one or more containers", aliases: ["remove"])

  @Flag(name: [.short, .long], help: "Force the removal of a running container (uses SIGKILL)") var force = false
  @Flag(name: [.short, .long], help: "Remove anonymous volumes associated with the container") var volumes = false
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store()
    var failed = false
    for word in containers {
      do {
        // As docker has it, who asks by force does not mind if it is gone already.
        if force, try store.identify(word.hasPrefix("/") ? String(word.dropFirst()) : word) == nil {
          Output.message("Error: No such container: \(word)")
          continue
        }
        try ContainerControl(store.find(word), in: store).remove(byForce: force, withVolumes: volumes)
        Output.line(word)
      } catch {
        failed = true
        Output.message("Error: \(error)")
      }
    }
    if containers.isEmpty { throw EngineError("\"berth rm\" requires at least 1 argument", exitCode: 125) }
    if failed { throw ExitCode(1) }
  }
}
