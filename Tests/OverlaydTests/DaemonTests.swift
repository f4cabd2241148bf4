import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("overlayd", .networkNamespace)
struct DaemonTests {
  @Test("tells by HTTP how it does")
  func http() throws {
    let segment = try Segment(hosts: 1)
    let file = "\(segment.folder)/config.json", text = try FileSystem.read(file)
    try FileSystem.remove(file)
    try segment[1].start()
    try segment[1].wait("the complaint") { segment[1].log.contains("config.json does not exist") }
    #expect(try segment[1].http("/healthz").text == "ok\n")
    let answer = try segment[1].http("/readyz")
    #expect(answer.status != 0 && answer.text.contains("config.json does not exist"))
    #expect(try segment[1].metric("ready") == "0" && segment[1].metric("store_lost") == "1")
    try FileSystem.replace(file, content: text)
    try segment[1].waitForLease()
    try segment[1].wait("readiness") { try segment[1].http("/readyz").status == 0 }
    #expect(try segment[1].metric("leases") == "1")
  }

  @Test("lowers the MTU to what the underlay carries, and says so")
  func smallUnderlay() throws {
    let segment = try Segment(hosts: 1, ["Network": "10.244.0.0/16", "Backend": ["Type": "vxlan", "MTU": 1450]], mtu: 1400)
    try segment.start()
    #expect(try segment[1].state.state()?.mtu == 1350)
    #expect(segment[1].log.contains("the MTU is lowered"))
    #expect(try segment[1].json("ip -j link show ovl.1")[0]["mtu"] == 1350)
    let container = try segment[1].attach("c1")
    #expect(try container.namespace.run { try Command.run("ip -j link show eth0").json[0]["mtu"] } == 1350)
  }

  @Test("changes in the kernel only what has changed")
  func proportional() throws {
    let segment = try Segment(hosts: 4, ["Network": "10.244.0.0/16"])
    for number in 1...3 { try segment[number].start() }
    let changes = { try Int(segment[1].metric("kernel_changes_total")) ?? 0 }
    // The device, its address, and for each host a route, a neighbour and a forwarding entry. What is in the kernel is counted a moment later.
    try segment[1].wait("two peers") { try changes() >= 2 + 2 * 3 }
    try segment[4].start()
    try segment[1].wait("three peers") { try changes() >= 2 + 3 * 3 }
    #expect(try changes() == 2 + 3 * 3)
    #expect(try segment[1].routes().count == 3)
  }

  @Test(
    "refuses a command line or a configuration file that cannot be",
    arguments: [
      (["--store", "directory:/run/x"], "network: expected a name, but it is missing"),
      (["--network", "lab"], "store: expected directory:/path"),
      (["--network", "a/b", "--store", "directory:/run/x"], "network: expected letters"),
      (["--network", "lab", "--store", "direktory:/run/x"], "did you mean directory?"),
      (["--network", "lab", "--store", "directory:x"], "an absolute path"),
      (["--config", "/run/config.json"], "there is no option stor (did you mean store"),
    ])
  func refusals(_ words: [String], _ message: String) throws {
    try FileSystem.replace("/run/config.json", content: Array("{\"network\": \"lab\", \"stor\": \"directory:/run/x\"}".utf8))
    let output = try Command.attempt([OverlaydProcess.executable] + words)
    #expect(output.status != 0 && output.errors.contains(message), "\(output)")
  }

  @Test("serves one network once on a host, and several networks side by side")
  func several() throws {
    let segment = try Segment(hosts: 1, ["Network": "10.244.0.0/16"])
    try segment.start()
    let twice = try segment[1].namespace.run {
      try Command.attempt([
        OverlaydProcess.executable, "--network", "lab", "--store", "directory:\(segment.folder)", "--state-folder", "/run/host1/state",
      ])
    }
    #expect(twice.status != 0 && twice.errors.contains("another overlayd serves the network lab"))
    try FileSystem.createFolders("/run/second")
    try FileSystem.replace(
      "/run/second/config.json", content: Array("{\"Network\": \"10.245.0.0/16\", \"Backend\": {\"Type\": \"vxlan\", \"VNI\": 2}}".utf8))
    let second = try OverlaydProcess(
      [
        "--network", "second", "--store", "directory:/run/second", "--interface", "lan0", "--state-folder", "/run/host1/state",
        "--data-folder",
        "/run/host1/data",
      ], in: segment[1].namespace, logFile: "/run/host1/log")
    try segment[1].wait("both devices") { try segment[1].run("ip -br link show type vxlan").text.split(separator: "\n").count == 2 }
    #expect(second.isRunning)
  }
}
