@testable import CNI
import JSON
import Linux
import Testing

@Suite("A plugin's process")
struct PluginProcessTests {
  private let process = PluginProcess(plugins: [SamplePlugin.self, RecentPlugin.self, FailingPlugin.self])

  private func run(
    _ command: String, _ configuration: String, _ variables: [String] = [], plugin: any Plugin.Type = SamplePlugin.self
  ) -> PluginProcess.Outcome {
    let environment = ["CNI_COMMAND=\(command)", "CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/none"]
    return process.run(plugin, environment: Environment(variables + environment)) { Array(configuration.utf8) }
  }

  @Test("prints one result object on ADD")
  func add() {
    let outcome = run("ADD", #"{"cniVersion":"1.0.0","name":"n","answer":{"ips":[{"address":"10.1.2.3/24"}]}}"#)
    #expect(outcome.output == #"{"cniVersion":"1.0.0","ips":[{"address":"10.1.2.3/24"}]}"# + "\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("prints nothing on the other commands", arguments: ["DEL", "CHECK", "STATUS", "GC"])
  func silence(command: String) {
    #expect(run(command, #"{"cniVersion":"1.1.0","name":"n"}"#) == PluginProcess.Outcome())
  }

  @Test(
    "asks for exactly the variables that a command needs",
    arguments: [("DEL", "CNI_NETNS"), ("GC", "CNI_IFNAME"), ("STATUS", "CNI_CONTAINERID")])
  func optionalVariables(command: String, variable: String) {
    #expect(run(command, #"{"cniVersion":"1.1.0","name":"n"}"#, ["\(variable)="]).exitCode == 0)
  }

  @Test("does not look at the container of a command that has none", arguments: ["STATUS", "GC"])
  func badContainer(command: String) {
    #expect(run(command, #"{"cniVersion":"1.1.0","name":"n"}"#, ["CNI_CONTAINERID=../x", "CNI_IFNAME=/"]).exitCode == 0)
  }

  @Test("prints one error object with the configuration's version and exit code 1")
  func failure() {
    let outcome = run("ADD", #"{"cniVersion":"0.4.0","name":"n","fail":11}"#)
    #expect(outcome.output == #"{"cniVersion":"0.4.0","code":11,"msg":"told to fail"}"# + "\n")
    #expect(outcome.exitCode == 1)
  }

  @Test(
    "gives every kind of error a code",
    arguments: [
      ("ADD", #"{"cniVersion":"1.0.0","code":5,"msg":"write /run/x: No space left on device"}"#),
      ("DEL", #"{"cniVersion":"1.0.0","code":999,"msg":"create bridge br1: Invalid argument"}"#),
      ("CHECK", #"{"cniVersion":"1.0.0","code":123,"msg":"changed","details":"mtu"}"#),
    ])
  func errorCodes(command: String, text: String) {
    #expect(run(command, #"{"cniVersion":"1.0.0","name":"n"}"#, plugin: FailingPlugin.self).output == text + "\n")
  }

  @Test("names the versions it speaks on VERSION, without reading its input")
  func version() {
    let outcome = process.run(RecentPlugin.self, environment: Environment(["CNI_COMMAND=VERSION"])) {
      Issue.record("reads its input")
      return []
    }
    #expect(outcome.output == #"{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}"# + "\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("names all versions on VERSION unless the plugin says otherwise")
  func allVersions() {
    let text = #"{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}"#
    #expect(run("VERSION", "").output == text + "\n")
  }

  @Test("says on standard error what it is when there is no command", arguments: [[], ["CNI_COMMAND="]])
  func about(environment: [String]) {
    let outcome = process.run(RecentPlugin.self, environment: Environment(environment)) { [] }
    #expect(outcome.output == "")
    #expect(outcome.message == "CNI recent plugin v0.1.0\nCNI protocol versions supported: 0.4.0, 1.0.0, 1.1.0\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("refuses versions that the plugin does not speak", arguments: ["0.3.1", "0.1.0"])
  func refusesVersion(version: String) {
    let outcome = run("ADD", #"{"cniVersion":"\#(version)","name":"n"}"#, plugin: RecentPlugin.self)
    let details = #"config is \"\#(version)\", plugin supports [\"0.4.0\" \"1.0.0\" \"1.1.0\"]"#
    #expect(outcome.output == #"{"cniVersion":"1.1.0","code":1,"msg":"incompatible CNI versions","details":"\#(details)"}"# + "\n")
  }

  @Test(
    "takes a missing or empty version for 0.1.0",
    arguments: [
      #"{"name":"n","prevResult":{"ip4":{"ip":"10.0.0.1/8"}}}"#, #"{"cniVersion":"","NAME":"n","prevResult":{"IP4":{"ip":"10.0.0.1/8"}}}"#,
    ])
  func oldestVersion(configuration: String) {
    #expect(run("ADD", configuration).output == #"{"cniVersion":"0.1.0","ip4":{"ip":"10.0.0.1/8"},"dns":{}}"# + "\n")
  }

  @Test("does not look at CNI_ARGS for a plugin that takes none")
  func noArguments() {
    #expect(run("ADD", #"{"cniVersion":"1.0.0","name":"n"}"#, ["CNI_ARGS=none"], plugin: RecentPlugin.self).exitCode == 0)
  }

  @Test("refuses its own network namespace before it does anything")
  func ownNamespace() throws {
    let folder = try TemporaryFolder()
    let configuration = #"{"cniVersion":"1.0.0","name":"n","marker":"\#(folder["marker"])"}"#
    let outcome = run("ADD", configuration, ["CNI_NETNS=/proc/self/ns/net"])
    #expect(
      outcome.output == #"{"cniVersion":"1.0.0","code":8,"msg":"plugin's netns and netns from CNI_NETNS should not be the same"}"# + "\n")
    #expect(try FileSystem.names(in: folder.path) == [])
  }

  @Test("works in its own network namespace if CNI_NETNS_OVERRIDE says so", arguments: ["1", "true", "TRUE", "True"])
  func override(value: String) {
    let variables = ["CNI_NETNS=/proc/self/ns/net", "CNI_NETNS_OVERRIDE=\(value)"]
    #expect(run("ADD", #"{"cniVersion":"1.0.0","name":"n"}"#, variables).exitCode == 0)
  }

  @Test("reports that its input cannot be read")
  func unreadable() {
    let environment = Environment(["CNI_COMMAND=STATUS", "CNI_PATH=/none"])
    let outcome = process.run(SamplePlugin.self, environment: environment) { throw SystemError(.inputOutput, "read") }
    #expect(outcome.output == #"{"cniVersion":"1.1.0","code":5,"msg":"error reading from stdin: read: Input/output error"}"# + "\n")
  }

  @Test("of an unknown name explains itself, and answers a runtime with an error")
  func usage() {
    #expect(process.usage("cni-plugins", options: ["--version"], command: "").message == "cni-plugins v0.1.0\n")
    let usage = process.usage("cni-plugins", options: [String](), command: "")
    #expect(usage.message.contains("sample, recent, failing"))
    #expect(usage.output == "")
    #expect(process.usage("cni-plugins", options: ["--nonsense"], command: "").exitCode == 2)
    let answer = process.usage("nope", options: [String](), command: "ADD")
    #expect(answer.exitCode == 1)
    #expect(answer.output.contains(#""code":999,"msg":"no plugin is called \"nope\"""#))
  }
}
