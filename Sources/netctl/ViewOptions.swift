internal import ArgumentParser
internal import Inspection
internal import Linux

/// What a command prints: words or JSON.
enum TextFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

/// What a command that follows something prints.
enum SequenceFormat: String, CaseIterable, ExpressibleByArgument { case text, json, svg }

/// What a command that can draw prints.
enum PictureFormat: String, CaseIterable, ExpressibleByArgument { case text, json, dot, svg, html }

/// The options of commands that show something.
typealias ViewOptions = OutputOptions<TextFormat>

/// The options of commands that can draw it, too.
typealias PictureOptions = OutputOptions<PictureFormat>

/// What every command that shows something understands.
struct OutputOptions<Format: RawRepresentable & CaseIterable & ExpressibleByArgument & Sendable>: ParsableArguments
where Format.RawValue == String {
  @Option(name: .customShort("o"), help: ArgumentHelp("How to print it.", valueName: "format")) var output: Format?
  @Flag(name: .customLong("json"), help: "The same as -o json, as docs/netctl.md describes it.") var isJSONWanted = false
  @Flag(name: .long, help: "No colours; NO_COLOR in the environment does the same.") var noColor = false
  @Option(
    name: .long,
    help: ArgumentHelp("Look at the host from this network namespace: a file, a process ID, or a name in /run/netns.", valueName: "netns"))
  var netns: String?

  /// Whether JSON is wanted.
  var json: Bool { isJSONWanted || output?.rawValue == "json" }

  func validate() throws {
    if let output, isJSONWanted, output.rawValue != "json" {
      throw ValidationError("--json is -o json: it cannot go with -o \(output.rawValue)")
    }
  }

  /// Where to print.
  var terminal: Terminal { Terminal(withoutColor: noColor) }

  /// Goes into the chosen namespace, for good.
  func enterNamespace() throws {
    guard let netns else { return }
    do { try NetworkNamespace(path: Self.path(ofNamespace: netns)).enter() } catch {
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
