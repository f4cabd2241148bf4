internal import ArgumentParser
internal import Engine
internal import Glibc

/// `berth network prune`
struct NetworkPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove all unused networks")

  @Flag(name: [.short, .long], help: "Do not prompt for confirmation") var force = false

  func run() throws {
    guard force || Confirmation.ask("WARNING! This will remove all custom networks not used by at least one container.") else { return }
    let containers = try Invocation.store()
    let removed = try NetworkStore(containers.places).prune(containers)
    if !removed.isEmpty { Output.line("Deleted Networks:\n\(removed.joined(separator: "\n"))\n") }
  }
}
