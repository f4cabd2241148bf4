import Glibc
import Linux
import TestSupport

/// A folder of a test's own, removed with everything in it.
final class ScratchFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/image-tests.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(.last, "make a temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // What is mounted below would keep its folder.
    let script = #"grep -o " $0/[^ ]*" /proc/self/mountinfo | sort -r | xargs -r umount -l; rm -rf "$0""#
    _ = try? Command.attempt(["sh", "-c", script, path])
  }

  /// The path of a file in the folder.
  subscript(name: String) -> String { "\(path)/\(name)" }

  /// Runs shell commands with the folder as the working folder; throws with all they said unless they succeed.
  @discardableResult
  func shell(_ script: String) throws -> String {
    let output = try Command.attempt(["sh", "-euc", "cd \(path)\n\(script)"])
    guard output.status == 0 else { throw Command.Failure(description: "\(script)\n\(output)") }
    return output.text
  }

  /// The names in a folder below this one, sorted; none if there is no such folder.
  func names(in name: String) -> [String] { (try? FileSystem.names(in: self[name]).sorted()) ?? [] }
}
