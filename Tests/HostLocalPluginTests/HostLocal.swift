import Addresses
import CNI
import Foundation
import HostLocalPlugin
import JSON
import Linux
import TestSupport

/// The plugin as a function, with a folder for leases that goes when the test ends.
final class HostLocal {
  /// What `dataDir` names.
  let dataFolder: String

  init() throws {
    dataFolder = "/var/tmp/host-local-\(UUID().uuidString)"
    try FileSystem.createFolders(dataFolder)
  }

  deinit { try? FileManager.default.removeItem(atPath: dataFolder) }

  /// A configuration with an `ipam` section of the given members.
  func configuration(_ ipam: JSONValue, version: String = "1.1.0", name: String = "net") -> JSONValue {
    let ipam = ipam.with("type", "host-local").with("dataDir", .string(dataFolder))
    return ["cniVersion": .string(version), "name": .string(name), "type": "bridge", "ipam": ipam]
  }

  /// Runs one command.
  func run(_ command: String, _ configuration: JSONValue, id: String = "c1", ifname: String = "eth0", arguments: String = "")
    -> PluginProcess.Outcome
  {
    let environment = Environment([
      "CNI_COMMAND=\(command)", "CNI_CONTAINERID=\(id)", "CNI_NETNS=/nowhere", "CNI_IFNAME=\(ifname)", "CNI_PATH=/nowhere",
      "CNI_ARGS=\(arguments)",
    ])
    return PluginProcess(plugins: [HostLocalPlugin.self]).run(HostLocalPlugin.self, environment: environment) {
      Array(configuration.text.utf8)
    }
  }

  /// Runs ADD and answers the result; throws what the plugin printed if it fails.
  func add(_ configuration: JSONValue, id: String = "c1", ifname: String = "eth0", arguments: String = "") throws -> JSONValue {
    let outcome = run("ADD", configuration, id: id, ifname: ifname, arguments: arguments)
    guard outcome.exitCode == 0 else { throw Refusal(outcome.output) }
    return try JSONValue.parse(outcome.output)
  }

  /// Runs any other command, which must say nothing.
  func expect(_ command: String, _ configuration: JSONValue, id: String = "c1", ifname: String = "eth0") throws {
    let outcome = run(command, configuration, id: id, ifname: ifname)
    guard outcome.exitCode == 0, outcome.output.isEmpty else { throw Refusal(outcome.output) }
  }

  /// What a command that must fail answers.
  func refusal(_ command: String, _ configuration: JSONValue, id: String = "c1", ifname: String = "eth0") -> Refusal {
    Refusal(run(command, configuration, id: id, ifname: ifname).output)
  }

  /// The addresses that have a file.
  func leases(_ network: String = "net") throws -> [String] {
    let path = "\(dataFolder)/\(network)"
    return FileSystem.isFolder(path) ? try FileSystem.names(in: path).filter { IPAddress($0) != nil }.sorted() : []
  }

  func write(_ name: String, _ content: String) throws {
    try FileSystem.createFolders("\(dataFolder)/net")
    try FileSystem.replace("\(dataFolder)/net/\(name)", content: Array(content.utf8))
  }
}

/// An error object that a plugin printed.
struct Refusal: Error, CustomStringConvertible {
  let description: String

  init(_ output: String) { description = output }

  /// `code message`
  var summary: String { (try? JSONValue.parse(description)).map { "\($0["code"].text) \($0["msg"].string)" } ?? description }
  var details: String { (try? JSONValue.parse(description))?["details"].string ?? "" }
}

/// The addresses of a result, in order.
func addresses(_ result: JSONValue) -> [String] { result["ips"].elements.map { $0["address"].string } }
