import TestSupport
import Testing

@Suite("limits", .networkNamespace)
struct LimitTests {
  @Test("a container that takes more memory than it may is killed, and says so")
  func memory() throws {
    let berth = try Berth()
    let output = try berth.attempt(
      "run", "--name", "c", "--network", "none", "-m", "16m", "--rootfs", berth.rootfs, "sh", "-c",
      "head -c 200000000 /dev/zero | tail -n 1 > /dev/null; exit $?")
    #expect(output.status == 137)
    #expect(try berth.inspect("c", "{{.State.OOMKilled}}") == "true")
    #expect(
      try berth("events", "--since", "1h", "--until", "0s", "--filter", "event=oom", "--format", "{{.Actor.Attributes.name}}").hasPrefix(
        "c"))
  }

  @Test("a container has no more processes than it may")
  func processes() throws {
    let output = try Berth().shell(["--pids-limit", "5"], "for i in 1 2 3 4 5 6 7 8; do sleep 0.2 & done 2>&1; wait")
    #expect("\(output)".contains("can't fork"))
  }

  @Test("stats tell what a container uses and may use")
  func stats() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "-m", "64m", "--pids-limit", "20"])
    let line = try berth("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}}")
    #expect(line.hasPrefix("c ") && line.contains(" / 64MiB ") && line.hasSuffix(" 2"))
  }
}
