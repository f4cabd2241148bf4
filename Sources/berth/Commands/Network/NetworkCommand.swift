internal import ArgumentParser

/// `berth network`
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Manage networks",
    subcommands: [
      NetworkCreateCommand.self, NetworkListCommand.self, NetworkInspectCommand.self, NetworkRemoveCommand.self, NetworkConnectCommand.self,
      NetworkDisconnectCommand.self, NetworkPruneCommand.self, NetworkCheckCommand.self,
    ])
}
