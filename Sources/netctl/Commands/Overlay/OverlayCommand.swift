internal import ArgumentParser
internal import Overlay

/// `netctl overlay`
struct OverlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlay", abstract: "The networks of many hosts that overlayd serves on this one.",
    subcommands: [OverlayStatusCommand.self, OverlayPeersCommand.self, OverlayTestCommand.self])
}

/// Which networks a command is about.
struct OverlayChoice: ParsableArguments {
  @Argument(help: "The network's name; without it all.") var network: String?
  @Option(help: ArgumentHelp("Where overlayd writes.", valueName: "folder")) var stateFolder = StateFolder.defaultRoot

  /// The folders of the networks, at least one.
  func folders() throws -> [StateFolder] {
    let names = try StateFolder.networks(root: stateFolder)
    if let network {
      guard names.contains(network) else {
        throw Problem("overlayd has not said anything about a network \(Terminal.plain(network)) in \(stateFolder)", .usage)
      }
      return [StateFolder(network: network, root: stateFolder)]
    }
    if names.isEmpty { throw Problem("overlayd has not said anything in \(stateFolder): does it run?") }
    return names.map { StateFolder(network: $0, root: stateFolder) }
  }
}
