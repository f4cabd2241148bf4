internal import ArgumentParser

/// `berth system`
struct SystemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "system", abstract: "Manage berth",
    subcommands: [SystemDiskCommand.self, EventsCommand.self, InfoCommand.self, SystemPruneCommand.self])
}
