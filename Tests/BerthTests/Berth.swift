import Linux
import TestSupport

/// The built executable, with a root and a run folder in the test's own namespace.
struct Berth {
  let executable: String
  let plugins: String

  init() throws {
    let runner = try PluginRunner()
    plugins = runner.folder
    executable = try FileSystem.folder(of: FileSystem.target(ofLink: "/proc/self/exe")) + "/berth"
  }

  /// Runs a command, whatever its exit status.
  func attempt(_ words: [String], input: String = "") throws -> Command.Output {
    try Command.attempt([executable, "--cni-path", plugins] + words, input: input)
  }
}
