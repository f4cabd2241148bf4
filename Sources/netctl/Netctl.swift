internal import ArgumentParser

/// The command line's root.
struct Netctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netctl", abstract: "Shows the container networks of this host, and drives CNI by hand.",
    discussion: """
      Exit status: 0 fine, 1 something was found, 2 wrong usage, 3 it cannot be told.

      Examples:
        netctl why lan web:80              why that cannot be reached from the LAN, and what to do about it
        netctl ps                          every network namespace and who owns it
        netctl ports                       who holds which port of this host
        netctl overlay peers               the other hosts of this host's overlays
        netctl enter web -- ss -tln        the host's own tools inside a container's network
        netctl cni add containers          attaches a new namespace to a network, and shows what each plugin did
        netctl cni lint /etc/cni/net.d     what is wrong with configurations, with line and column
      """,
    subcommands: [
      WhyCommand.self, AllowCommand.self, PsCommand.self, PortsCommand.self, EnterCommand.self, OverlayCommand.self, CNICommand.self,
    ], helpNames: [.long, .short])
}
