internal import ArgumentParser
internal import Inspection
internal import Linux

/// What every command that shows something understands.
struct ViewOptions: ParsableArguments {
  @Flag(name: .long, help: "Print JSON, as docs/netctl.md describes it.") var json = false
  @Flag(name: .long, help: "No colours; NO_COLOR in the environment does the same.") var noColor = false
  @Option(
    name: .long,
    help: ArgumentHelp("Look at the host from this network namespace: a file, a process ID, or a name in /run/netns.", valueName: "netns"))
  var netns: String?

  /// Where to print.
  var terminal: Terminal { Terminal(withoutColor: noColor) }

  /// Goes into the chosen namespace, for good.
  func enterNamespace() throws {
    guard let netns else { return }
    do { try NetworkNamespace(path: ViewOptions.path(ofNamespace: netns)).enter() } catch {
      throw Problem("--netns \(Terminal.plain(netns)): \(error)", .usage)
    }
  }

  /// The host as it is now.
  func host() throws -> HostView {
    try enterNamespace()
    return try HostView()
  }

  /// The file that a word for a namespace means.
  static func path(ofNamespace word: String) -> String {
    if word.contains("/") { return word }
    return Int32(word) == nil ? "/run/netns/\(word)" : "/proc/\(word)/ns/net"
  }
}
