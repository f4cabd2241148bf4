internal import ArgumentParser

/// `berth container`: the commands for containers once more, and what has no short form.
struct ContainerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "container", abstract: "Manage containers",
    subcommands: [
      AttachCommand.self, CommitCommand.self, CopyCommand.self, CreateCommand.self, DiffCommand.self, ExecCommand.self,
      ExportCommand.self, InspectCommand.self, KillCommand.self, ContainerListCommand.self,
      LogsCommand.self,
      PauseCommand.self, PortCommand.self, ContainerPruneCommand.self, RenameCommand.self, RestartCommand.self, RemoveCommand.self,
      RunCommand.self,
      StartCommand.self, StatsCommand.self, StopCommand.self, TopCommand.self, UnpauseCommand.self, WaitCommand.self,
    ])
}

/// `berth container ls`
struct ContainerListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List containers", aliases: ["list", "ps"])

  @OptionGroup var list: PsCommand

  func run() throws { try list.run() }
}
