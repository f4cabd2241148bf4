internal import ArgumentParser
internal import JSON
internal import Linux

/// `netctl cni lint FILE`
struct CNILintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Checks network configurations against the specification and the plugins' keys.",
    discussion: """
      Prints file:line:column, as compilers do. Errors are what a runtime or a plugin refuses; warnings are keys that nobody reads.
      The values of our own plugins' keys are checked by the plugins themselves. Exit status 1 if there is anything to tell.

      Examples:
        netctl cni lint /etc/cni/net.d
        netctl cni lint 10-lab.conflist
      """)

  @Argument(help: "Files, or folders with .conflist, .conf and .json files.") var files: [String]
  @Flag(name: .long, help: "Print JSON.") var json = false

  func run() throws {
    var lints: [ConfigurationLint] = []
    for file in try files.flatMap({ try CNILintCommand.files(at: $0) }) {
      do { lints.append(try ConfigurationLint(file)) } catch { throw Problem("\(Terminal.plain(file)): \(error)") }
    }
    json ? printJSON(lints) : printText(lints)
    if lints.contains(where: { !$0.findings.isEmpty }) { throw Verdict.finding }
  }

  private func printText(_ lints: [ConfigurationLint]) {
    for lint in lints {
      for finding in lint.findings {
        let place = "\(Terminal.plain(lint.file)):\(finding.position.line):\(finding.position.column)"
        Terminal.write("\(place): \(finding.isError ? "error" : "warning"): \(Terminal.plain(finding.message))\n")
      }
      if lint.findings.isEmpty { Terminal.write("\(Terminal.plain(lint.file)): fine\n") }
    }
  }

  private func printJSON(_ lints: [ConfigurationLint]) {
    let findings = lints.flatMap { lint in
      lint.findings.map { finding -> JSONValue in
        [
          "file": .string(lint.file), "line": .integer(Int64(finding.position.line)), "column": .integer(Int64(finding.position.column)),
          "severity": finding.isError ? "error" : "warning", "message": .string(finding.message),
        ]
      }
    }
    Terminal.write(JSONValue.object(JSONObject([("findings", .array(findings))])).indented() + "\n")
  }

  private static func files(at path: String) throws -> [String] {
    guard FileSystem.isFolder(path) else { return [path] }
    let names = try FileSystem.names(in: path).filter { name in [".conflist", ".conf", ".json"].contains { name.hasSuffix($0) } }
    return names.sorted().map { "\(path)/\($0)" }
  }
}
