internal import ArgumentParser

/// `netctl conn`
struct ConnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conn", abstract: "Tracked connections, with names and both sides of NAT; what leads astray is marked.",
    subcommands: [ConnListCommand.self, ConnFlushCommand.self], defaultSubcommand: ConnListCommand.self)
}
