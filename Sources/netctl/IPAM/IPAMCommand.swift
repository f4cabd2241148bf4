internal import ArgumentParser

/// `netctl ipam`
struct IPAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ipam", abstract: "The addresses that host-local hands out, ours or the reference's: used, free, next, leaked.",
    subcommands: [IPAMShowCommand.self, IPAMCheckCommand.self, IPAMReleaseCommand.self, IPAMReserveCommand.self],
    defaultSubcommand: IPAMShowCommand.self)
}
