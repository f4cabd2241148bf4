import Glibc
import JSON
import Linux
import TestSupport

/// The built executable in the test's own namespace, with a root file system of busybox. Containers that a test leaves are removed at its end.
final class Berth {
  /// The executable: beside the one with the plugins, see `PluginRunner.executable`.
  static let executable = "\(FileSystem.folder(of: PluginRunner.executable))/berth"

  /// Where images, volumes and containers are.
  let root = "/var/lib/berth"
  /// A folder for `--rootfs`.
  let rootfs: String
  private let plugins: String

  init(rootfs: String = "/run/rootfs") throws {
    plugins = try PluginRunner().folder
    self.rootfs = rootfs
    for name in ["bin", "etc", "tmp", "www", "root"] { try FileSystem.createFolders("\(rootfs)/\(name)") }
    try Command.run("cp /bin/busybox \(rootfs)/bin/busybox")
    for name in [
      "sh", "cat", "ls", "id", "sleep", "true", "false", "kill", "echo", "ps", "env", "httpd", "nc", "head", "seq", "stty", "tty", "test",
      "dd",
      "wc", "mkdir", "hostname", "yes", "date", "touch", "grep", "tail", "rm", "df", "pwd", "expr", "od", "tr",
    ] { symlink("busybox", "\(rootfs)/bin/\(name)") }
    try FileSystem.replace("\(rootfs)/etc/passwd", content: Array("root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/:/bin/sh\n".utf8))
    try FileSystem.replace("\(rootfs)/etc/group", content: Array("root:x:0:\nweb:x:1001:\n".utf8))
    try FileSystem.replace("\(rootfs)/www/index.html", content: Array("hello\n".utf8))
    try Command.run("ip link set lo up")
  }

  deinit {
    guard let ids = try? attempt("ps", "-aq").text.split(separator: "\n").map({ String($0) }), !ids.isEmpty else { return }
    _ = try? attempt(["rm", "-f", "-v"] + ids)
  }

  /// The words before a command's own.
  var prefix: [String] { [Berth.executable, "--cni-path", plugins, "--cni-conf", "/run/conf"] }

  /// Runs a command, whatever its exit status.
  func attempt(_ words: [String], input: String = "") throws -> Command.Output { try Command.attempt(prefix + words, input: input) }

  /// Runs a command, whatever its exit status.
  func attempt(_ words: String...) throws -> Command.Output { try attempt(words) }

  /// Runs a command that must succeed, and answers what it printed, without the last line feed.
  @discardableResult
  func callAsFunction(_ words: String..., input: String = "") throws -> String { try run(words, input: input) }

  /// Runs a command that must succeed, and answers what it printed, without the last line feed.
  @discardableResult
  func run(_ words: [String], input: String = "") throws -> String {
    let output = try attempt(words, input: input)
    guard output.status == 0 else { throw Command.Failure(description: "berth \(words.joined(separator: " ")): \(output)") }
    return output.text.hasSuffix("\n") ? String(output.text.dropLast()) : output.text
  }

  /// Runs a shell in a container without network, which is removed afterwards.
  func shell(_ options: [String] = [], _ line: String, input: String = "") throws -> Command.Output {
    try attempt(["run", "--rm", "--network", "none"] + options + ["--rootfs", rootfs, "sh", "-c", line], input: input)
  }

  /// Starts a shell in a container in the background, and answers the container's ID.
  @discardableResult
  func start(_ name: String, _ options: [String] = ["--network", "none"], _ line: String = "trap 'exit 0' TERM; sleep 1000 & wait") throws
    -> String
  {
    try run(["run", "-d", "--name", name] + options + ["--rootfs", rootfs, "sh", "-c", line])
  }

  /// What `inspect --format` says.
  func inspect(_ name: String, _ template: String) throws -> String { try self("inspect", "--format", template, name) }

  /// What a fetch of a page says; tried again as long as nobody listens.
  func fetch(_ url: String) throws -> String {
    try Command.run("curl --silent --show-error --max-time 60 --retry 1000 --retry-connrefused --retry-delay 0 --retry-max-time 60 \(url)")
      .text
  }

  /// Everything that containers can leave behind in the test's namespaces, beside networks: folders of containers, claims, sockets, cgroups.
  func world() throws -> [String] {
    var lines = try World(container: nil, folders: ["/var/lib/cni", "/run/cni", "\(root)/containers", "\(root)/names", "/run/berth/alive"])
      .lines
    for line in try Command.run("cat /proc/self/mountinfo").text.split(separator: "\n") {
      lines.append("mount \(line.split(separator: " ")[4])")
    }
    for folder in ["/run/berth/sockets", "/run/berth/alive", "\(root)/containers", "\(root)/names", "\(root)/volumes"] {
      lines += ((try? FileSystem.names(in: folder)) ?? []).filter { !$0.hasPrefix(".") }.map { "\(folder)/\($0)" }
    }
    return lines.filter { !$0.contains("/lock") && !$0.contains("/.lock") }
  }
}
