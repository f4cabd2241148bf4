import JSON
import Linux
import TestSupport

/// Something that strace(1) does to one system call of a plugin.
struct Tampering: CustomStringConvertible {
  /// The system call's name.
  let call: String
  /// Which call of that name, from 1.
  let number: Int
  /// `signal=KILL`, right before the call, or `error=ENOMEM` instead of it.
  let event: String

  var description: String { "\(event) at \(call) \(number)" }

  /// Runs a command while this happens; says also whether it did, or the call was never made.
  func run(
    _ command: String, _ configuration: JSONValue, by runner: PluginRunner, in container: TestNamespace
  ) throws -> (output: Command.Output, happened: Bool) {
    let options = ["-e", "trace=\(call)", "-e", "inject=\(call):\(event):when=\(number)"]
    let output = try runner.runTraced(command, configuration, in: container, options: options, log: "/run/trace")
    let trace = String(decoding: try FileSystem.read("/run/trace"), as: UTF8.self)
    return (output, trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL"))
  }

  /// Lets an event happen at one call after the other, as long as `attempt` says that it did. Answers how often it did.
  static func sweep(_ event: String, at calls: [String], _ attempt: (Tampering) throws -> Bool) throws -> Int {
    var points = 0
    for call in calls {
      var number = 1
      while try attempt(Tampering(call: call, number: number, event: event)) { number += 1 }
      points += number - 1
    }
    return points
  }
}
