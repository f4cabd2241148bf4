import TestSupport
import Testing

@Suite("terminals", .networkNamespace)
struct TerminalTests {
  /// Runs a command in a terminal of its own, types `keys` into it, and answers what it showed. Python's pty is the person.
  private func typed(_ words: [String], _ keys: [(after: String, keys: String)]) throws -> Command.Output {
    let program = """
      import fcntl, os, pty, signal, struct, sys, termios
      signal.alarm(300)
      steps = [\(keys.map { "(b'\($0.after)', b'\($0.keys)')" }.joined(separator: ", "))]
      pid, fd = pty.fork()
      if pid == 0:
          fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 33, 101, 0, 0))
          os.execv(sys.argv[1], sys.argv[1:])
      seen = mark = b''
      while True:
          if steps and not steps[0][0]: os.write(fd, steps.pop(0)[1])
          try: data = os.read(fd, 4096)
          except OSError: break
          if not data: break
          seen += data; mark += data
          if steps and steps[0][0] in mark:
              mark = b''
              os.write(fd, steps.pop(0)[1])
      _, status = os.waitpid(pid, 0)
      sys.stdout.write(seen.decode())
      sys.exit(os.waitstatus_to_exitcode(status))
      """
    return try Command.attempt(["python3", "-c", program] + words)
  }

  @Test("run -it gives the program a terminal of the person's size, and passes on keys")
  func interactive() throws {
    let berth = try Berth()
    let words = berth.prefix + ["run", "-it", "--rm", "--network", "none", "--rootfs", berth.rootfs, "sh"]
    let output = try typed(words, [(after: "# ", keys: "stty size; tty\\n"), (after: "pts", keys: "exit 5\\n")])
    #expect(output.status == 5 && output.text.contains("33 101") && output.text.contains("/dev/pts/0"), "\(output)")
  }

  @Test("ctrl-p ctrl-q leaves a container that goes on, and attach comes back to it")
  func detach() throws {
    let berth = try Berth()
    let words = berth.prefix + ["run", "-it", "--name", "c", "--network", "none", "--rootfs", berth.rootfs, "sh"]
    let output = try typed(words, [(after: "# ", keys: "A=before\\n"), (after: "# ", keys: "\\x10\\x11")])
    #expect(output.status == 0, "\(output)")
    #expect(try berth("ps", "--format", "{{.State}}") == "running")
    let again = try typed(berth.prefix + ["attach", "c"], [(after: "", keys: "\\n"), (after: "# ", keys: "echo $A; exit 6\\n")])
    #expect(again.status == 6 && again.text.contains("before"), "\(again)")
  }

  @Test("exec -it runs a program in a terminal of its own")
  func exec() throws {
    let berth = try Berth()
    try berth.start("c")
    let output = try typed(berth.prefix + ["exec", "-it", "c", "sh"], [(after: "# ", keys: "tty; exit 8\\n")])
    #expect(output.status == 8 && output.text.contains("/dev/pts/0"), "\(output)")
  }

  @Test("the keys to leave can be others")
  func otherKeys() throws {
    let berth = try Berth()
    let words = berth.prefix + ["run", "-it", "--detach-keys", "ctrl-x,q", "--network", "none", "--rootfs", berth.rootfs, "sh"]
    #expect(try typed(words, [(after: "# ", keys: "\\x18q")]).status == 0)
    #expect(try berth("ps", "--format", "{{.State}}") == "running")
  }

  @Test("a terminal is refused where the person has none")
  func noTerminal() throws {
    let berth = try Berth(), output = try berth.shell(["-it"], "true")
    #expect(output.errors.contains("the input device is not a TTY"))
  }

  @Test("signals to berth reach the program")
  func signalProxy() throws {
    let berth = try Berth()
    let line = """
      \(berth.prefix.joined(separator: " ")) run --rm --network none --rootfs \(berth.rootfs) sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done' > /run/out & p=$!
      until grep -q ready /run/out; do :; done; kill -TERM $p; wait $p
      """
    #expect(try Command.attempt(["sh", "-c", line]).status == 9)
  }
}
