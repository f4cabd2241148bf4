internal import ArgumentParser

extension Berth {
  /// The sub-commands for containers.
  static let containerCommands: [any ParsableCommand.Type] = [
    RunCommand.self,
    CreateCommand.self,
    StartCommand.self,
    StopCommand.self,
    RestartCommand.self,
    KillCommand.self,
    RemoveCommand.self,
    PauseCommand.self,
    UnpauseCommand.self,
    WaitCommand.self,
    RenameCommand.self,
    AttachCommand.self,
    ExecCommand.self,
    LogsCommand.self,
    PsCommand.self,
    TopCommand.self,
    StatsCommand.self,
    InspectCommand.self,
    CopyCommand.self,
    DiffCommand.self,
    CommitCommand.self,
    ExportCommand.self,
    ContainerCommand.self,
  ]

  /// The sub-commands for everything together.
  static let systemCommands: [any ParsableCommand.Type] = [
    EventsCommand.self,
    SystemPruneCommand.self,
    SystemCommand.self,
    SystemPruneCommand.self,
    InfoCommand.self,
    VersionCommand.self,
  ]
}
