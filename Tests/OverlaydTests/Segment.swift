import Addresses
import JSON
import Linux
import Overlay
import TestSupport

/// Hosts at one switch, in the test's own namespace: host `n` is 192.0.2.n and fd00:2::n. They share the folder `/run/shared`.
final class Segment {
  let runner: PluginRunner
  /// The folder of the directory store.
  let folder = "/run/shared"
  private(set) var hosts: [OverlayHost] = []

  /// `configuration` is what all hosts agree on, in flannel's words.
  init(
    hosts count: Int, _ configuration: JSONValue = ["Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48"], mtu: Int = 1500
  ) throws {
    runner = try PluginRunner()
    try FileSystem.createFolders(folder)
    try FileSystem.replace("\(folder)/config.json", content: Array(configuration.text.utf8))
    try Command.run("ip link add under type bridge")
    try Command.run("ip link set under up")
    for number in 1...count { hosts.append(try OverlayHost(number, self, mtu: mtu)) }
  }

  /// The host with a number from 1.
  subscript(number: Int) -> OverlayHost { hosts[number - 1] }

  /// Starts overlayd on all hosts, and waits until every one of them knows every other one.
  func start(_ options: String...) throws {
    for host in hosts { try host.start(options) }
    for host in hosts { try host.waitForPeers(hosts.count - 1) }
  }
}
