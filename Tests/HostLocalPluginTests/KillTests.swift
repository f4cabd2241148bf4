import JSON
import Linux
import TestSupport
import Testing

@Suite("host-local, whatever is killed or fails", .networkNamespace)
struct KillTests {
  @Test("DEL and GC bring the world back from every point of ADD and DEL", arguments: ["ADD", "DEL"])
  func sweep(command: String) throws {
    let list: JSONValue = [
      "cniVersion": "1.1.0", "name": "sweep",
      "plugins": [["type": "host-local", "ipam": ["ranges": [[["subnet": "10.0.0.0/24"]], [["subnet": "fd00::/64"]]]]]],
    ]
    let report = try FaultSweep(PluginRunner(), list: list).run(command, recoveries: [.delete, .collectGarbage])
    print("host-local, fault sweep of \(command): \(report.points) points, \(report.tries) tries, \(report.failures.count) failures")
    #expect(report.points > 15)
    #expect(report.failures.isEmpty, "\(report.failures.joined(separator: "\n"))")
  }

  @Test("no lease is lost and none is left, wherever reclaiming and repairing stop")
  func repair() throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let trace = "/run/trace"
    var points = 0
    // The first run is not broken, and tells where to break the others.
    var calls: [SystemCallTrace.Call?] = [nil]
    while let call = calls.popLast() {
      let place = try Damaged(runner)
      let injection = call.map { ["-e", "trace=\($0.name)", "-e", "inject=\($0.name):signal=SIGKILL:when=\($0.occurrence)"] } ?? []
      let output = try runner.runTraced("ADD", place.network, in: container, options: injection, log: trace)
      if let call {
        #expect(output.status == 128 + 9, "\(call.line): \(output)")
        try place.expectWhole(after: call.line)
        points += 1
      } else {
        #expect(output.status == 0, "\(output)")
        try place.expectWhole(after: "nothing")
        let all = try SystemCallTrace(file: trace).calls
        let work = all.drop { !($0.name == "read" && $0.line.hasPrefix("read(0,")) }.dropFirst()
        for (position, call) in zip(work.indices, work) where call.changesSomething || call.name == "utimensat" {
          calls.append(call)
          if position + 1 < work.endIndex { calls.append(work[position + 1]) }
        }
      }
    }
    #expect(points > 40)
  }
}

/// A folder after a reboot: two leases of ours from before it, one that the reference has made since, one file that it tore, and leftovers.
private struct Damaged {
  let folder: HostLocal
  let runner: PluginRunner
  let network: JSONValue

  init(_ runner: PluginRunner) throws {
    folder = try HostLocal()
    self.runner = runner
    network = folder.configuration(["subnet": "10.0.0.0/24"]).with("type", "host-local")
    for id in ["old1", "old2"] { _ = try folder.add(network, id: id) }
    // In place: the kernel does not tell a reboot by a broken seal.
    try OwnedFile("\(folder.dataFolder)/net/.index/boot", flags: [.writeOnly, .truncate]).write(Array("before".utf8))
    try folder.write("10.0.0.20", "living\r\neth0")
    try folder.write("10.0.0.21", "")
    try folder.write(".index/new", "leftover\r\neth0")
    try folder.write(".index/@gone:eth0", "gone\r\neth0")
  }

  func expectWhole(after line: String) throws {
    try folder.expect("CHECK", network.with("prevResult", ["ips": [["address": "10.0.0.20/24"]]]), id: "living")
    try folder.expect("DEL", network, id: "c1")
    #expect(try folder.leases() == ["10.0.0.20"], "after \(line)")
    #expect(try FileSystem.names(in: "\(folder.dataFolder)/net/.index").sorted() == ["@living:eth0", "boot"], "after \(line)")
    #expect(folder.refusal("ADD", network, id: "living").summary.contains("duplicate allocation is not allowed"))
    try folder.expect("DEL", network, id: "living")
    #expect(try folder.leases() == [], "after \(line)")
  }
}
