// fault-sweep FOLDER VERSION [MOST]: the fault sweep of the tests, on the plugins of a folder and with a version of the protocol that they speak;
// two rows of a table. At most MOST places of ADD and of DEL are broken. Runs in namespaces of its own: see Benchmarks/sweep.
import JSON
import Linux
import TestSupport

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fatalError("usage: fault-sweep FOLDER VERSION [MOST]") }
let runner = PluginRunner(folder: arguments[1])
let list = FaultSweep.network.with("cniVersion", .string(arguments[2]))
let most = arguments.count > 3 ? Int(arguments[3]) : nil
/// Empties the host: the reference leaves behind what its own next ADD stumbles over.
func reset() throws {
  try Command.run("nft flush ruleset")
  for link in try Command.run("ip -j link show type veth").json.elements + Command.run("ip -j link show type bridge").json.elements {
    _ = try Command.attempt(["ip", "link", "del", link["ifname"].string])
  }
  for folder in ["/var/lib/cni", "/run/cni"] where FileSystem.isFolder(folder) {
    for name in try FileSystem.names(in: folder) { try FileSystem.removeTree("\(folder)/\(name)") }
  }
}

for command in ["ADD", "DEL"] {
  try reset()
  var cells: [String] = []
  for recovery in FaultSweep.Recovery.allCases {
    if recovery == .collectGarbage && arguments[2] != "1.1.0" {
      cells.append("no GC")
      continue
    }
    let report = try FaultSweep(runner, list: list, reset: reset).run(command, recoveries: [recovery], most: most)
    cells.append("\(report.failures.count) of \(report.points)")
  }
  print("| \(arguments[1]) | \(command) | \(cells.joined(separator: " | ")) |")
}
