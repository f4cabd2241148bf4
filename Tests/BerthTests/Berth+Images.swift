import Glibc
import Linux
import TestSupport

extension Berth {
  /// A folder of the test's own, in its private `/run`, that scripts run in.
  static let folder = "/run/work"

  /// Runs shell commands, for which `berth` is this build's; throws with all they said unless they succeed.
  @discardableResult
  func script(_ text: String) throws -> String {
    let output = try attempt(script: text)
    guard output.status == 0 else { throw Command.Failure(description: "\(text)\n\(output)") }
    return output.text
  }

  /// Runs shell commands, for which `berth` is this build's, whatever their exit status.
  func attempt(script text: String) throws -> Command.Output {
    for folder in [Berth.folder, "/run/bin"] { try FileSystem.createFolders(folder) }
    let quoted = prefix.map { "'\($0)'" }.joined(separator: " ")
    // By another process: what a test of ours has just started could hold a file that we write, and then nobody can run it (ETXTBSY).
    try Command.run("install -m 755 /dev/stdin /run/bin/berth", input: "#!/bin/sh\nexec \(quoted) \"$@\"\n")
    return try Command.attempt(["sh", "-euc", "PATH=/run/bin:$PATH; cd \(Berth.folder)\n\(text)"])
  }

  /// Makes the image `base:latest` of busybox.
  func importBase(_ changes: String...) throws {
    try run(["import"] + changes.flatMap { ["--change", $0] } + [rootfs, "base"])
  }
}
