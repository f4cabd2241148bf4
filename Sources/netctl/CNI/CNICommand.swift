internal import ArgumentParser

/// `netctl cni …`
struct CNICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cni", abstract: "Drives CNI plugins by hand, ours or anybody's, and checks configurations.",
    subcommands: [
      CNIAddCommand.self, CNIDeleteCommand.self, CNICheckCommand.self, CNIStatusCommand.self, CNICollectCommand.self,
      CNIVersionCommand.self, CNILintCommand.self,
    ])
}
