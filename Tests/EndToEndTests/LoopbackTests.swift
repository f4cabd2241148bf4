import JSON
import TestSupport
import Testing

@Suite("loopback", .networkNamespace)
struct LoopbackTests {
  private static let versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]

  private func configuration(_ version: String = "1.1.0") -> JSONValue {
    ["cniVersion": .string(version), "name": "lo-net", "type": "loopback"]
  }

  @Test("switches the loopback interface on, and off again, in every version", arguments: versions)
  func onAndOff(version: String) throws {
    var runner = try PluginRunner()
    // containerd passes arguments that are no arguments, and loopback must not look.
    runner.arguments = "none"
    let container = try TestNamespace()
    let result = try runner.add(configuration(version), in: container)
    #expect(result["cniVersion"].string == version)
    #expect(try container.run { try Command.run("ip -o addr show lo up").text }.contains("127.0.0.1/8"))
    if version >= "0.4.0" { try runner.expect("CHECK", configuration(version).with("prevResult", result), in: container) }
    try runner.expect("DEL", configuration(version), in: container)
    #expect(try container.run { try Command.run("ip -o link show lo up").text }.isEmpty)
  }

  @Test("the result describes the interface, and a previous result passes through")
  func result() throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let result = try runner.add(configuration(), in: container)
    #expect(
      result["interfaces"] == [["name": "lo", "mac": "00:00:00:00:00:00", "mtu": 65536, "sandbox": .string(container.path)]])
    #expect(result["ips"] == [["address": "127.0.0.1/8", "interface": 0], ["address": "::1/128", "interface": 0]])
    let previous: JSONValue = [
      "cniVersion": "1.1.0", "interfaces": [["name": "x"]], "ips": [["address": "10.0.0.2/24", "interface": 0]],
    ]
    #expect(try runner.add(configuration().with("prevResult", previous), in: container) == previous)
  }

  @Test("CHECK names a loopback interface that is down")
  func check() throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let output = try runner.run("CHECK", configuration(), in: container)
    #expect(try output.status == 1 && output.json["msg"] == "loopback interface is down" && output.json["cniVersion"] == "1.1.0")
  }

  @Test("DEL succeeds without a namespace", arguments: ["", "/run/netns/missing", "/run/empty"])
  func deleteWithoutNamespace(path: String) throws {
    let runner = try PluginRunner()
    try Command.run("touch /run/empty")
    #expect(try runner.run("DEL", configuration(), netns: path).status == 0)
  }
}
