internal import ArgumentParser

/// `berth image`
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Manage images",
    subcommands: [
      ImageHistoryCommand.self, ImageImportCommand.self, ImageInspectCommand.self, ImageLoadCommand.self, ImageListCommand.self,
      ImagePruneCommand.self, ImageRemoveCommand.self, ImageSaveCommand.self, ImageTagCommand.self,
    ])
}
