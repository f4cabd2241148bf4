import CNI
import JSON
import Testing

@Suite("A plugin's process")
struct PluginProcessTests {
  private let process = PluginProcess(plugins: [SamplePlugin.self])

  private func run(_ command: String, _ configuration: String, _ variables: [String] = []) -> PluginProcess.Outcome {
    let environment = ["CNI_COMMAND=\(command)", "CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/none"]
    return process.run(SamplePlugin.self, environment: Environment(variables + environment)) { Array(configuration.utf8) }
  }

  @Test("prints one result object on ADD")
  func add() {
    let outcome = run("ADD", #"{"cniVersion":"1.0.0","name":"n","answer":{"ips":[{"address":"10.1.2.3/24"}]}}"#)
    #expect(outcome.output == #"{"cniVersion":"1.0.0","ips":[{"address":"10.1.2.3/24"}]}"# + "\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("prints nothing on the other commands", arguments: ["DEL", "CHECK", "STATUS", "GC"])
  func silence(command: String) {
    let outcome = run(command, #"{"cniVersion":"1.1.0","name":"n"}"#)
    #expect(outcome.output == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("prints one error object with the configuration's version and exit code 1")
  func failure() {
    let outcome = run("ADD", #"{"cniVersion":"0.4.0","name":"n","fail":11}"#)
    #expect(outcome.output == #"{"cniVersion":"0.4.0","code":11,"msg":"told to fail"}"# + "\n")
    #expect(outcome.exitCode == 1)
  }
}
