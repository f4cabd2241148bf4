import CNI
import JSON
import Linux
import TestSupport
import Testing

@Suite("The executable", .networkNamespace)
struct ExecutableTests {
  private let runner: PluginRunner
  private let configuration = #"{"cniVersion":"1.1.0","name":"n","type":"loopback"}"#

  init() throws { runner = try PluginRunner() }

  /// Runs a shell command that knows the executable as $0, with the variables of a good request.
  private func shell(_ script: String, command: String, netns: String = "/nowhere", input: String = "") throws -> Command.Output {
    let variables = [
      "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": netns, "CNI_IFNAME": "eth0", "CNI_PATH": runner.folder,
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    return try Command.attempt(["sh", "-c", script, "\(runner.folder)/loopback"], input: input, environment: variables)
  }

  @Test("is the plugin by whose name it is called, from any folder")
  func name() throws {
    let output = try shell("PATH=${0%/*}:$PATH; cd /; exec loopback", command: "VERSION")
    #expect(output.text == #"{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}"# + "\n")
    #expect(output.errors == "")
    #expect(output.status == 0)
  }

  @Test("says what it is when there is no command")
  func about() throws {
    for path in ["\(runner.folder)/loopback", PluginRunner.executable] {
      let output = try Command.attempt([path], environment: [:])
      #expect(output.text == "")
      #expect(output.errors.contains("loopback"))
      #expect(output.status == 0)
    }
    let version = try Command.attempt([PluginRunner.executable, "--version"], environment: [:])
    #expect(version.errors == "cni-plugins v\(PluginProcess.version)\n")
    #expect(try Command.attempt([PluginRunner.executable, "--nonsense"], environment: [:]).status == 2)
  }

  @Test("answers a runtime that calls it by a name it does not know")
  func unknownName() throws {
    let output = try Command.attempt([PluginRunner.executable], environment: ["CNI_COMMAND": "ADD"])
    #expect(try output.json["code"] == 999)
    #expect(output.status == 1)
  }

  @Test("reads no more than 16 MiB")
  func endlessInput() throws {
    let output = try shell("head -c 20000000 /dev/zero | $0", command: "ADD")
    #expect(try output.json["msg"] == "error unmarshall network config: longer than 16777216 bytes")
    #expect(try output.json["code"] == 6)
  }

  @Test("takes closed standard input for empty", arguments: ["exec $0 <&-", "exec $0 </dev/null"])
  func closedInput(script: String) throws {
    let output = try shell(script, command: "ADD")
    #expect(try output.json["code"] == 6)
    #expect(output.status == 1)
  }

  @Test("says that it cannot read a folder")
  func folderAsInput() throws {
    let output = try shell("exec $0 </", command: "ADD")
    #expect(try output.json["msg"] == "error reading from stdin: read: Is a directory")
    #expect(try output.json["code"] == 5)
  }

  @Test("never takes a socket for a standard descriptor that was closed")
  func closedOutput() throws {
    let container = try TestNamespace()
    let script = "exec strace -qq -o /run/trace -e trace=socket $0 >&-"
    let output = try shell(script, command: "ADD", netns: container.path, input: configuration)
    #expect(output.status == 0)
    let trace = String(decoding: try FileSystem.read("/run/trace"), as: UTF8.self)
    #expect(trace.contains("AF_NETLINK"))
    #expect(!trace.contains(") = 1\n"))
  }

  @Test("fails when nobody can read its result")
  func fullOutput() throws {
    let output = try shell("exec $0 >/dev/full", command: "VERSION")
    #expect(output.status == 1)
    #expect(output.errors.contains("No space left on device"))
  }
}
