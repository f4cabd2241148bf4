import TestSupport
import Testing

@Suite("the command line", .networkNamespace)
struct CommandLineTests {
  @Test(
    "what cannot be understood is refused with docker's exit code",
    arguments: [["ps", "--nonsense"], ["run", "--nonsense", "x"], ["run"]])
  func unknownFlag(words: [String]) throws {
    #expect(try Berth().attempt(words).status == 125)
  }

  @Test("a command that does not exist is named")
  func unknownCommand() throws {
    let output = try Berth().attempt("nonsense")
    #expect(output.errors.contains("'nonsense' is not a berth command"))
    #expect(output.status == 1)
  }

  @Test(
    "bad values are refused before anything is made",
    arguments: [
      (["-p", "80:x"], "invalid containerPort"), (["-m", "lots"], "invalid size"), (["--restart", "often"], "invalid restart policy"),
      (["--rm", "--restart", "always"], "Conflicting options"), (["--cap-add", "FLY"], "invalid capability"),
      (["--ulimit", "nofile=x"], "nofile"), (["--stop-signal", "SIGNOPE"], "Invalid signal"),
      (["--name", "a b"], "Invalid container name"),
      (["-w", "here"], "absolute path"), (["--security-opt", "magic"], "--security-opt"), (["--log-driver", "pigeon"], "no log driver"),
      (["--network", "nope"], "nope"), (["--link", "nobody"], "nobody"), (["-v", "a:b"], "absolute"), (["--pid", "moon"], "--pid"),
    ])
  func badValue(options: [String], words: String) throws {
    let berth = try Berth(), output = try berth.attempt(["create"] + options + ["--rootfs", berth.rootfs, "true"])
    #expect(output.status == 125 && output.errors.contains(words), "\(output)")
    #expect(try berth("ps", "-aq") == "")
  }

  @Test("an unknown container is answered with names that are like it")
  func nearMatch() throws {
    let berth = try Berth()
    try berth("create", "--name", "web1", "--network", "none", "--rootfs", berth.rootfs, "true")
    for command in ["start", "stop", "kill", "inspect", "logs", "rm", "wait", "pause", "top", "attach"] {
      let output = try berth.attempt(command, "wbe1")
      #expect(output.status == 1 && output.errors.contains("did you mean web1?"), "\(command): \(output)")
    }
  }

  @Test("a name that is taken is refused in docker's words")
  func nameConflict() throws {
    let berth = try Berth(), id = try berth("create", "--name", "db", "--network", "none", "--rootfs", berth.rootfs, "true")
    let output = try berth.attempt("create", "--name", "db", "--network", "none", "--rootfs", berth.rootfs, "true")
    #expect(output.status == 125)
    #expect(
      output.errors.contains(
        "Conflict. The container name \"/db\" is already in use by container \"\(id)\". You have to remove (or rename)"))
  }

  @Test("help tells of every command")
  func help() throws {
    let text = try Berth()("--help")
    for command in ["run", "exec", "logs", "network", "volume", "inspect"] { #expect(text.contains("  \(command) ")) }
  }
}
