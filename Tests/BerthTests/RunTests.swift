import Linux
import TestSupport
import Testing

@Suite("berth run", .networkNamespace)
struct RunTests {
  @Test("output and errors go where the program writes them, and nothing is left of a container that removes itself")
  func streams() throws {
    let berth = try Berth()
    try berth("ps")
    let before = try berth.world(), output = try berth.shell([], "echo out; echo err >&2")
    #expect(output.text == "out\n" && output.errors == "err\n")
    #expect(try berth.world() == before)
  }

  @Test(
    "the exit code is the program's own, or says why there was no program",
    arguments: [
      (["true"], 0), (["sh", "-c", "exit 42"], 42), (["sh", "-c", "sleep 100 & kill -9 $!; wait $!"], 137), (["nonsense"], 127),
      (["/etc"], 126),
    ] as [([String], Int32)])
  func exitCode(words: [String], code: Int32) throws {
    let berth = try Berth()
    #expect(try berth.attempt(["run", "--rm", "--network", "none", "--rootfs", berth.rootfs] + words).status == code)
    #expect(try berth("ps", "-aq") == "")
  }

  @Test("a program that a signal ends has 128 and its number as the exit code")
  func signalled() throws {
    let berth = try Berth()
    try berth.start("a")
    try berth("kill", "a")
    #expect(try berth("wait", "a") == "137")
  }

  @Test("the standard input is given with -i, and empty without")
  func input() throws {
    let berth = try Berth()
    #expect(try berth.shell(["-i"], "cat", input: "hello").text == "hello")
    #expect(try berth.shell([], "cat", input: "hello").text == "")
  }

  @Test("a megabyte goes through the container unharmed")
  func megabyte() throws {
    let text = String(repeating: "0123456789abcdef0123456789abcde\n", count: 32768)
    #expect(try Berth().shell(["-i"], "cat", input: text).text == text)
  }

  @Test(
    "options change what the program sees",
    arguments: [
      (["-e", "A=1", "-e", "B=x=y"], "echo $A $B", "1 x=y"), (["-w", "/etc"], "pwd", "/etc"),
      (["-u", "web"], "id -u; id -g", "1000\n1001"),
      (["-u", "5:6"], "id -u; id -g", "5\n6"), (["-h", "here"], "hostname", "here"),
      (["--tmpfs", "/x"], "df /x | grep -c ^tmpfs", "1"),
      (["--read-only"], "touch /a 2>&1 || echo no", "touch: /a: Read-only file system\nno"),
      (["--ulimit", "nofile=77"], "ulimit -n", "77"),
      ([], "echo $$", "1"), (["--init"], "echo $$", "2"),
      (["--cap-drop", "ALL"], "grep CapEff /proc/self/status", "CapEff:\t0000000000000000"),
      (["--sysctl", "net.ipv4.ip_default_ttl=33"], "cat /proc/sys/net/ipv4/ip_default_ttl", "33"),
      (["--security-opt", "no-new-privileges"], "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1"),
    ])
  func options(options: [String], line: String, answer: String) throws {
    let output = try Berth().shell(options, line)
    #expect(output.text == answer + "\n", "\(output)")
  }

  @Test("variables of a file come first, and a bare name takes berth's own value")
  func environmentFile() throws {
    try FileSystem.create("/run/env", content: Array("# comment\nA=file\nB=file\nPATH\n".utf8))
    let output = try Berth().shell(["--env-file", "/run/env", "-e", "B=option", "-e", "NOT_THERE"], "echo $A $B ${NOT_THERE-none}")
    #expect(output.text == "file option none\n")
  }

  @Test("the ID is written where --cidfile says, which must not exist")
  func cidfile() throws {
    let berth = try Berth(), id = try berth("create", "--cidfile", "/run/cid", "--network", "none", "--rootfs", berth.rootfs, "true")
    #expect(try String(decoding: FileSystem.read("/run/cid"), as: UTF8.self) == id)
    #expect(try berth.attempt("create", "--cidfile", "/run/cid", "--rootfs", berth.rootfs, "true").status == 125)
  }

  @Test("fifty run at once, each with its own output, and nothing is left")
  func fifty() throws {
    let berth = try Berth()
    try berth("ps")
    let before = try berth.world()
    let line =
      "for i in $(seq 50); do \(berth.prefix.joined(separator: " ")) run --rm --network none --rootfs \(berth.rootfs) echo n$i & done; wait"
    let output = try Command.attempt(["sh", "-c", line])
    #expect(Set(output.text.split(separator: "\n")) == Set((1...50).map { "n\($0)" }), "\(output.errors)")
    let change = try Set(berth.world()).symmetricDifference(before)
    #expect(change == [], "\(change)")
  }
}
