internal import ArgumentParser
internal import Glibc
internal import Inspection
internal import Linux

/// `netctl enter CONTAINER -- COMMAND`
struct EnterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enter", abstract: "Runs the host's own tools in a container's network namespace.",
    discussion: """
      Only the network is the container's: files, users and programs are the host's. CONTAINER is a name, an ID or its beginning, a process
      ID, a name in /run/netns, or a file. Without a command it is your shell. The exit status is the command's.

      Examples:
        netctl enter web -- ss -tlnp
        netctl enter 3f2a -- tcpdump -i eth0
      """)

  @Argument(help: "Whose network.") var container: String
  @Argument(parsing: .postTerminator, help: "What to run.") var command: [String] = []

  func run() throws {
    let path = try ContainerSearch.path(container, HostView())
    do { try NetworkNamespace(path: path).enter() } catch { throw Problem("\(Terminal.plain(container)): \(error)") }
    let words = command.isEmpty ? [getenv("SHELL").map { String(cString: $0) } ?? "/bin/sh"] : command
    var arguments = words.map { strdup($0) } + [nil]
    execvp(words[0], &arguments)
    throw Problem("\(Terminal.plain(words[0])): \(Errno.last)", .usage)
  }
}
