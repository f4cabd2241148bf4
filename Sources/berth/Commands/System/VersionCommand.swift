internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the berth version information")

  @Option(name: [.short, .long], help: "Format the output: json or a template") var format: String?

  func run() throws {
    let part = JSONValue.object(JSONObject([("Version", .string(Version.text)), ("Os", "linux"), ("Arch", .string(Version.architecture))]))
    let json = JSONObject([("Client", part), ("Server", part)])
    switch format {
    case nil: Output.line("berth version \(Version.text), linux/\(Version.architecture), no daemon")
    case "json": Output.line(JSONValue.object(json).text)
    case let template?: Output.line(try Template(template).text(json))
    }
  }
}

/// Which berth this is.
enum Version {
  static let text = "0.1.0"
  #if arch(x86_64)
    static let architecture = "amd64"
  #else
    static let architecture = "arm64"
  #endif
}
