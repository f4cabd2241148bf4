internal import ArgumentParser

extension Berth {
  /// The sub-commands for containers.
  static let containerCommands: [any ParsableCommand.Type] = [
    RunCommand.self,
    CreateCommand.self,
    PsCommand.self,
  ]
}
