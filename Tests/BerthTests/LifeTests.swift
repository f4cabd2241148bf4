import JSON
import TestSupport
import Testing

@Suite("a container's life", .networkNamespace)
struct LifeTests {
  @Test("start, stop, pause and unpause follow each other, and ps tells each state")
  func states() throws {
    let berth = try Berth(),
      id = try berth(
        "create", "--name", "c", "--network", "none", "--rootfs", berth.rootfs, "sh", "-c",
        "trap 'exit 3' TERM; while :; do sleep 0.05; done")
    func state() throws -> String { try berth("ps", "-a", "--format", "{{.State}} {{.Status}}") }
    #expect(try state() == "created Created")
    #expect(try berth("start", "c") == "c")
    #expect(try state().hasPrefix("running Up "))
    #expect(try berth("ps", "-q", "--no-trunc") == id)
    try berth("pause", "c")
    #expect(try state().hasSuffix("(Paused)"))
    #expect(try berth.attempt("exec", "c", "true").errors.contains("is paused, unpause the container before exec"))
    try berth("unpause", "c")
    #expect(try state().hasPrefix("running Up "))
    try berth("stop", "c")
    #expect(try state().hasPrefix("exited Exited (3) "))
    #expect(try berth("ps", "-q") == "")
    try berth("start", "c")
    try berth("restart", "-t", "5", "c")
    #expect(try berth.inspect("c", "{{.State.Status}} {{.State.Running}} {{.RestartCount}}") == "running true 0")
    #expect(try berth.attempt("rm", "c").errors.contains("You cannot remove a running container"))
    try berth("rm", "-f", "c")
    #expect(try berth("ps", "-aq") == "")
  }

  @Test("stop kills what does not end in time")
  func stopKills() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none"], "sleep 1000")
    try berth("stop", "-t", "0", "c")
    #expect(try berth.inspect("c", "{{.State.ExitCode}}") == "137")
  }

  @Test("stop sends the container's own signal, and kill the one that is named")
  func signals() throws {
    let berth = try Berth()
    try berth.start(
      "c", ["--network", "none", "--stop-signal", "USR1"],
      "trap 'echo one; exit 1' USR1; trap 'echo two' USR2; while :; do sleep 0.05; done")
    // The traps are set when the shell answers.
    try berth.await("two") {
      _ = try berth.attempt("kill", "-s", "USR2", "c"); return try berth("logs", "c")
    }
    try berth("stop", "c")
    #expect(try berth("logs", "c").hasSuffix("one"))
    #expect(try berth.inspect("c", "{{.State.ExitCode}}") == "1")
  }

  @Test("wait tells the exit code, of one that runs and of one that has ended")
  func wait() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "-i"], "sleep 0.2; exit 5")
    #expect(try berth("wait", "c") == "5")
    #expect(try berth("wait", "c") == "5")
  }

  @Test("a container is renamed while it runs, and its old name is free")
  func rename() throws {
    let berth = try Berth()
    try berth.start("old")
    try berth("rename", "old", "new")
    #expect(try berth("ps", "--format", "{{.Names}}") == "new")
    try berth.start("old")
    #expect(try berth.attempt("rename", "old", "new").errors.contains("Conflict. The container name \"/new\""))
  }

  @Test("exec joins the container as the user who is named, and tells the program's exit code")
  func exec() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none", "-e", "A=1", "-w", "/tmp"])
    #expect(try berth("exec", "c", "sh", "-c", "echo $A $B; pwd; id -u") == "1\n/tmp\n0")
    #expect(try berth("exec", "-e", "B=2", "-w", "/etc", "-u", "web", "c", "sh", "-c", "echo $A $B; pwd; id -u") == "1 2\n/etc\n1000")
    #expect(try berth("exec", "-i", "c", "cat", input: "in") == "in")
    #expect(try ["exit 7", "kill -9 $$"].map { try berth.attempt("exec", "c", "sh", "-c", $0).status } == [7, 137])
    #expect(try berth.attempt("exec", "c", "nonsense").status == 127)
    try berth("exec", "-d", "c", "sh", "-c", "echo done > /tmp/mark")
    try berth.await("done") { try berth.attempt("exec", "c", "cat", "/tmp/mark").text }
  }

  @Test("top shows the container's processes and no others")
  func top() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none"], "sleep 1000 & sleep 1001 & wait")
    try berth.await("sleep 1001") { try berth("top", "c") }
    let lines = try berth("top", "c").split(separator: "\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("UID "))
    #expect(try berth("top", "c", "-o", "pid,args").split(separator: "\n").count == 4)
  }

  @Test("inspect tells what was asked for and what happened, as docker's templates name it")
  func inspect() throws {
    let berth = try Berth()
    let id = try berth.start(
      "c",
      ["--network", "none", "-e", "A=1", "--label", "a=b", "-m", "64m", "--cpus", "1.5", "--restart", "on-failure:3", "-v", "/tmp:/t:ro"])
    let object = try JSONValue(parsing: Array(berth("inspect", "c").utf8)).elements[0]
    #expect(object["Id"].string == id && object["Name"].string == "/c" && object["Path"].string == "sh")
    #expect(object["HostConfig"]["Memory"] == .integer(64 << 20) && object["HostConfig"]["NanoCpus"] == .integer(1_500_000_000))
    #expect(
      try berth.inspect("c", "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}} {{json .Config.Labels}}")
        == #"running on-failure {"a":"b"}"#)
    #expect(try berth.inspect("c", "{{range .Mounts}}{{.Source}}:{{.Destination}} {{.RW}}{{end}}") == "/tmp:/t false")
    #expect(try berth.inspect("c", #"{{index .Config.Env 0}} {{index .Config.Labels "a"}} {{len .Args}}"#) == "A=1 b 2")
    #expect(try berth.inspect("c", "{{if .State.Running}}yes{{else}}no{{end}} {{.Name | upper}}") == "yes /C")
    let wrong = try berth.attempt("inspect", "--format", "{{.Nonsense}}", "c")
    #expect(wrong.status == 64 && wrong.errors.contains("Nonsense"))
  }

  @Test("ps shows those that its filters ask for")
  func filters() throws {
    let berth = try Berth()
    try berth.start("web1", ["--network", "none", "--label", "tier=front"])
    try berth.start("web2", ["--network", "none", "--label", "tier=back"])
    try berth("create", "--name", "db", "--network", "none", "--rootfs", berth.rootfs, "true")
    func names(_ words: String...) throws -> String { try berth.run(["ps", "--format", "{{.Names}}"] + words).replacing("\n", with: " ") }
    #expect(try names() == "web2 web1")
    #expect(try names("-a") == "db web2 web1")
    #expect(try names("--filter", "name=^web") == "web2 web1")
    #expect(try names("--filter", "label=tier=front") == "web1")
    #expect(try names("--filter", "status=created") == "db")
    #expect(try names("-l") == "db")
    #expect(try names("-n", "2") == "db web2")
    #expect(try names("--filter", "since=web1") == "web2")
  }

  @Test("prune removes those that have ended, and leaves the others")
  func prune() throws {
    let berth = try Berth()
    try berth.start("runs")
    try berth("create", "--name", "waits", "--network", "none", "--rootfs", berth.rootfs, "true")
    #expect(try berth("container", "prune", "-f").contains("Total reclaimed space"))
    #expect(try berth("ps", "-a", "--format", "{{.Names}}") == "runs")
  }

  @Test("events tell of everything that happens to a container")
  func events() throws {
    let berth = try Berth()
    _ = try berth.shell(["--name", "c"], "exit 4")
    let events = try berth("events", "--since", "1h", "--until", "0s", "--filter", "container=c", "--format", "{{.Action}}")
    #expect(events == "create\nstart\ndie\ndestroy")
    #expect(try berth("events", "--since", "1h", "--until", "0s", "--filter", "event=die").contains("exitCode=4"))
  }
}

extension Berth {
  /// Asks again until the answer holds the text. Each question is a process of its own, so this is no busy loop; it gives up after 500.
  func await(_ text: String, _ question: () throws -> String) throws {
    var answer = ""
    for _ in 0..<500 {
      answer = try question()
      if answer.contains(text) { return }
    }
    throw Command.Failure(description: "never said \"\(text)\": \(answer)")
  }
}
