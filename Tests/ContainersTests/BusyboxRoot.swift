import Containers
import Glibc
import Linux
import TestSupport

/// A root file system with nothing but Debian's static busybox, as the lower layer of an overlay in a folder of its own.
final class BusyboxRoot {
  /// The folder with everything of this root.
  let folder: String
  /// The layer with busybox.
  var lower: String { "\(folder)/lower" }
  /// The layer with the container's changes.
  var upper: String { "\(folder)/upper" }

  init() throws {
    var template = Array("/tmp/berth-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(.last, "create a folder for a root") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for name in ["lower/bin", "lower/etc", "lower/tmp", "lower/root", "upper", "work", "mount", "host"] {
      try FileSystem.createFolders("\(folder)/\(name)")
    }
    let busybox = "\(lower)/bin/busybox"
    // A copy: what a test does to the file must not happen to the machine's.
    try Command.run("cp /bin/busybox \(busybox)")
    for name in [
      "sh", "cat", "ls", "id", "sleep", "mount", "readlink", "true", "kill", "stat", "touch", "grep", "echo", "ps", "mkdir", "mknod",
    ] {
      guard symlink("busybox", "\(lower)/bin/\(name)") == 0 else { throw SystemError(.last, "link \(name)") }
    }
    try write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n")
    try write("etc/group", "root:x:0:\nweb:x:1001:\nlogs:x:1002:other,web\nextra:x:1003:\n")
  }

  deinit { _ = try? Command.run("rm -rf \(folder)") }

  /// Writes a file of the lower layer.
  func write(_ path: String, _ content: String, mode: UInt32 = 0o644) throws {
    try FileSystem.createFolders(FileSystem.folder(of: "\(lower)/\(path)"))
    try FileSystem.replace("\(lower)/\(path)", content: Array(content.utf8), mode: mode)
  }

  /// A container in this root.
  func container(_ arguments: String...) -> ContainerSpecification {
    ContainerSpecification(
      arguments: arguments, root: .overlay(lower: [lower], upper: upper, work: "\(folder)/work", mountPoint: "\(folder)/mount"))
  }

  /// A container with the programs of the host besides, read-only.
  func hostProgram(_ arguments: String...) throws -> ContainerSpecification {
    for name in ["lib", "lib64"] { symlink("usr/\(name)", "\(lower)/\(name)") }
    var container = container()
    container.arguments = arguments
    container.mounts = [.bind("/usr", on: "/usr", isReadOnly: true), .bind("/opt", on: "/opt", isReadOnly: true)]
    return container
  }

  /// A container that runs a line of shell.
  func shell(_ line: String) -> ContainerSpecification { container("sh", "-c", line) }
}
