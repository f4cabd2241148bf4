internal import ArgumentParser

/// The command line's root. Its options are read by `Invocation`, before the sub-command is; they stand here for the help.
struct Berth: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "berth", abstract: "Runs containers without a daemon, with docker's commands and options.", subcommands: subcommands,
    helpNames: [.long])

  @Option(help: "The folder of images, volumes and containers (BERTH_ROOT).") var root = "/var/lib/berth"
  @Option(help: "The folder of what ends with a boot (BERTH_RUN).") var runRoot = "/run/berth"
  @Option(help: "The folders with the CNI plugins (CNI_PATH).") var cniPath = "/opt/cni/bin"
  @Option(help: "The folder with the network configuration lists (BERTH_CNI_CONF).") var cniConf = "/etc/cni/net.d"

  /// All sub-commands, one line for each part of berth.
  static let subcommands: [any ParsableCommand.Type] = containerCommands + systemCommands + networkCommands + volumeCommands + imageCommands

  static let networkCommands: [any ParsableCommand.Type] = [NetworkCommand.self, PortCommand.self]
  static let volumeCommands: [any ParsableCommand.Type] = [VolumeCommand.self]
  static let imageCommands: [any ParsableCommand.Type] = [
    ImageCommand.self, ImagesCommand.self, ImageLoadCommand.self, ImageImportCommand.self, ImageSaveCommand.self, ImageTagCommand.self,
    RemoveImagesCommand.self, ImageHistoryCommand.self,
  ]

  /// The type of a sub-command by its name or one of its other names.
  static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
    subcommands.first { $0.configuration.commandName == name || $0.configuration.aliases.contains(name) }
  }
}
