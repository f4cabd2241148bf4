import Glibc
import Linux
import TestSupport
import Testing

@Suite("supervision", .networkNamespace)
struct SupervisionTests {
  @Test("on-failure starts a failing container again as often as it says")
  func onFailure() throws {
    let berth = try Berth()
    try berth.run([
      "run", "-d", "--name", "c", "--network", "none", "--restart", "on-failure:2", "--rootfs", berth.rootfs, "sh", "-c", "echo x; exit 9",
    ])
    try berth.await("exited") { try berth.inspect("c", "{{.State.Status}}") }
    #expect(try berth.inspect("c", "{{.State.ExitCode}} {{.RestartCount}}") == "9 2")
    #expect(try berth("logs", "c") == "x\nx\nx")
  }

  @Test("on-failure leaves one alone that succeeds")
  func success() throws {
    let berth = try Berth()
    try berth.run(["run", "-d", "--name", "c", "--network", "none", "--restart", "on-failure", "--rootfs", berth.rootfs, "true"])
    try berth.await("exited") { try berth.inspect("c", "{{.State.Status}}") }
    #expect(try berth.inspect("c", "{{.RestartCount}}") == "0")
  }

  @Test(
    "one that always restarts does so until it is stopped, also while it waits for its next start", arguments: ["always", "unless-stopped"])
  func always(policy: String) throws {
    let berth = try Berth()
    try berth.run(["run", "-d", "--name", "c", "--network", "none", "--restart", policy, "--rootfs", berth.rootfs, "false"])
    try berth.await("true") { try "\((Int(berth.inspect("c", "{{.RestartCount}}")) ?? 0) >= 2)" }
    try berth("stop", "c")
    #expect(try berth.inspect("c", "{{.State.Status}}") == "exited")
    let count = try berth.inspect("c", "{{.RestartCount}}")
    #expect(try berth.inspect("c", "{{.RestartCount}}") == count)
  }

  @Test("after SIGKILL to the supervisor the container is gone, ps says so, and nothing is left")
  func supervisorKilled() throws {
    let berth = try Berth()
    try berth.start("first", ["-p", "8080:80"])
    try berth("rm", "-f", "first")
    let before = try berth.world()
    try berth.start("c", ["-p", "8080:80"])
    let pid = try #require(Int32(berth.inspect("c", "{{.State.Pid}}")))
    try ProcessDescriptor.kill(berth.processes("c").supervisor)
    #expect(try berth("ps", "-a", "--format", "{{.State}}") == "exited")
    #expect(kill(pid, 0) != 0 || (try? berth.state(of: pid)) == "Z")
    // The port is free again.
    try berth.start("d", ["-p", "8080:80"])
    try berth("rm", "-f", "c", "d")
    #expect(try berth.world() == before)
  }

  @Test("a container that removes itself is removed also when its supervisor was killed")
  func removesItself() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "--rm"])
    try ProcessDescriptor.kill(berth.processes("c").supervisor)
    #expect(try berth("ps", "-aq") == "")
  }

  @Test("SIGTERM to the supervisor stops the container")
  func supervisorTerminated() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "--restart", "always"], "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done")
    try berth.await("ready") { try berth("logs", "c") }
    kill(try berth.processes("c").supervisor, SIGTERM)
    #expect(try berth("wait", "c") == "4")
    try berth.await("exited") { try berth.inspect("c", "{{.State.Status}}") }
  }

  @Test("a container's healthcheck is run, and its verdict shown")
  func health() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "--health-cmd", "test -e /tmp/well", "--health-interval", "20ms", "--health-retries", "2"])
    try berth.await("unhealthy") { try berth("ps", "--format", "{{.Status}}") }
    try berth("exec", "c", "touch", "/tmp/well")
    try berth.await("(healthy)") { try berth("ps", "--format", "{{.Status}}") }
    #expect(try berth.inspect("c", "{{.State.Health.Status}} {{(index .State.Health.Log 0).ExitCode}}").hasPrefix("healthy "))
    try FileSystem.remove("\(berth.rootfs)/tmp/well")
  }

  @Test("a supervisor needs no more than 6 MB")
  func memory() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none"], "yes | head -c 3000000; trap 'exit 0' TERM; sleep 1000 & wait")
    try berth.await("y") { try berth("logs", "--tail", "1", "c") }
    let status = try String(decoding: FileSystem.read("/proc/\(berth.processes("c").supervisor)/status"), as: UTF8.self)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
    let kilobytes = try #require(Int(line.split(separator: " ")[1]))
    #expect(kilobytes < 6 << 10)
  }
}

extension Berth {
  /// The state letter of a process.
  func state(of pid: Int32) throws -> String {
    let stat = try String(decoding: FileSystem.read("/proc/\(pid)/stat"), as: UTF8.self)
    return String(stat[stat.index(stat.lastIndex(of: ")") ?? stat.startIndex, offsetBy: 2)...].prefix(1))
  }
}
