internal import ArgumentParser

/// The command line's root.
struct Netctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netctl", abstract: "Shows the container networks of this host, and drives CNI by hand.",
    discussion: """
      Exit status: 0 fine, 1 something was found, 2 wrong usage, 3 it cannot be told.

      Examples:
        netctl why lan web:80              why that cannot be reached from the LAN, and what to do about it
        netctl trace web:80 --for 10s      which rules its packets meet, live
        netctl ps                          every network namespace and who owns it
        netctl map -o html > map.html      how everything is wired, as a page
        netctl ports                       who holds which port of this host
        netctl conn web                    its tracked connections, both sides of NAT
        netctl ipam show                   used and free addresses of every network
        netctl rules --for web             every rule that its packets can meet
        netctl doctor                      what breaks container networks on this host, and what to do
        netctl publish web 8080:80         publishes a port of a running container
        netctl check --all --fix           puts back what containers have lost: rules, addresses, routes, links
        netctl overlay peers               the other hosts of this host's overlays
        netctl enter web -- ss -tln        the host's own tools inside a container's network
        netctl cni add containers          attaches a new namespace to a network, and shows what each plugin did
        netctl cni lint /etc/cni/net.d     what is wrong with configurations, with line and column
      """,
    subcommands: [
      PsCommand.self, MapCommand.self, WhyCommand.self, TraceCommand.self, PortsCommand.self, PublishCommand.self, UnpublishCommand.self,
      AllowCommand.self,
      CheckCommand.self, WatchCommand.self, GCCommand.self, IPAMCommand.self, RulesCommand.self, ConnCommand.self, DoctorCommand.self,
      OverlayCommand.self, EnterCommand.self, CNICommand.self,
    ], helpNames: [.long, .short])
}
