import Glibc
import Linux
import TestSupport
import Testing

/// A folder of a test's own, removed with everything in it.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/cni-tests.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(.last, "make a temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? Command.run("rm -r \(path)") }

  /// The path of a file in the folder.
  subscript(name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, and the folders above it.
  func write(_ name: String, _ text: String) throws {
    try FileSystem.createFolders(FileSystem.folder(of: self[name]))
    try FileSystem.replace(self[name], content: Array(text.utf8))
  }

  /// The content of a file; empty if it is not there.
  func read(_ name: String) throws -> String { String(decoding: try FileSystem.readIfPresent(self[name]) ?? [], as: UTF8.self) }

  /// Writes a program that can be run at once.
  ///
  /// A shell writes it, because a program cannot be started while any process has it open for writing, and a child that another test
  /// forks in that moment would.
  func install(_ name: String, _ script: String) throws {
    try FileSystem.createFolders(FileSystem.folder(of: self[name]))
    let output = try Command.attempt(["sh", "-c", #"cat > "$0" && chmod 755 "$0""#, self[name]], input: script)
    try #require(output.status == 0, "\(output)")
  }
}
