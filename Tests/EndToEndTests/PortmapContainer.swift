import JSON
import TestSupport

/// A container whose ports are published, as a runtime sees it.
struct PortmapContainer {
  /// A plugin that did not do what the test wants, with all it said.
  struct Unexpected: Error, CustomStringConvertible { let description: String }

  let namespace: TestNamespace
  private(set) var runner: PluginRunner
  /// What the plugins before portmap answered.
  let previous: JSONValue

  init(_ runner: PluginRunner, _ name: String, _ number: Int, _ bridge: Int, _ families: [Int]) throws {
    namespace = try TestNamespace()
    self.runner = runner
    self.runner.containerID = name
    var addresses: [JSONValue] = []
    if families.contains(4) {
      addresses.append(["address": .string("10.\(bridge).0.\(number)/24"), "gateway": .string("10.\(bridge).0.1"), "interface": 2])
    }
    if families.contains(6) {
      addresses.append(["address": .string("fd00:\(bridge + 10)::\(number)/64"), "interface": 2])
    }
    previous = [
      "cniVersion": "1.1.0",
      "interfaces": [
        ["name": .string("cni\(bridge)")], ["name": .string("veth\(bridge)x\(number)")],
        ["name": "eth0", "sandbox": .string(namespace.path)],
      ], "ips": .array(addresses),
    ]
  }

  /// The same container under another ID.
  init(_ other: PortmapContainer, as name: String) {
    self = other
    runner.containerID = name
  }

  /// A configuration of the plugin without mappings and previous result.
  static let plain: JSONValue = ["cniVersion": "1.1.0", "name": "net", "type": "portmap", "capabilities": ["portMappings": true]]

  /// A configuration with mappings written as `tcp 8080:80`, `udp 127.0.0.1 5000:53`.
  static func configuration(_ mappings: [String], _ more: JSONValue = [:]) -> JSONValue {
    let entries = mappings.map { text -> JSONValue in
      let words = text.split(separator: " ").map(String.init), ports = words[words.count - 1].split(separator: ":").map { Int64($0) ?? 0 }
      let entry: JSONValue = ["hostPort": .integer(ports[0]), "containerPort": .integer(ports[1]), "protocol": .string(words[0])]
      return words.count == 3 ? entry.with("hostIP", .string(words[1])) : entry
    }
    var configuration = plain.with("runtimeConfig", ["portMappings": .array(entries)])
    if case .object(let members) = more { for member in members.members { configuration = configuration.with(member.name, member.value) } }
    return configuration
  }

  /// The configuration as the runtime sends it after ADD of the plugins before.
  func chained(_ configuration: JSONValue) -> JSONValue { configuration.with("prevResult", previous) }

  /// Runs ADD; throws with everything the plugin said if it fails. Answers the result.
  @discardableResult
  func add(_ mappings: [String], _ more: JSONValue = [:]) throws -> JSONValue {
    try runner.add(chained(PortmapContainer.configuration(mappings, more)), in: namespace)
  }

  /// Runs a command of these mappings, and throws unless it succeeds in silence.
  func expect(_ command: String, _ mappings: [String], _ more: JSONValue = [:]) throws {
    try runner.expect(command, chained(PortmapContainer.configuration(mappings, more)), in: namespace)
  }

  /// Runs a command of these mappings, and answers the error's text and what was logged; throws if it succeeds.
  func error(_ command: String, _ mappings: [String], _ more: JSONValue = [:]) throws -> (code: Int?, text: String) {
    let output = try runner.run(command, chained(PortmapContainer.configuration(mappings, more)), in: namespace)
    guard output.status == 1 else { throw Unexpected(description: "\(command) did not fail: \(output)") }
    let error = try output.json
    return (error["code"].integer, error["msg"].string)
  }

  /// Runs ADD and answers what it logs; throws if it fails.
  func warnings(_ mappings: [String], _ more: JSONValue = [:]) throws -> String {
    let output = try runner.run("ADD", chained(PortmapContainer.configuration(mappings, more)), in: namespace)
    guard output.status == 0 else { throw Unexpected(description: "ADD: \(output)") }
    return output.errors
  }
}
