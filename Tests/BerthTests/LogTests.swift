import JSON
import Linux
import TestSupport
import Testing

@Suite("berth logs", .networkNamespace)
struct LogTests {
  private func ended(_ berth: Berth, options: [String] = [], _ line: String) throws {
    try berth.run(["create", "--name", "c", "--network", "none"] + options + ["--rootfs", berth.rootfs, "sh", "-c", line])
    _ = try berth.attempt("start", "-a", "c")
  }

  @Test("a log file is docker's: one JSON object a line")
  func jsonFile() throws {
    let berth = try Berth()
    try ended(berth, "echo 'a \"b\"\\'; printf 'no end' >&2")
    let path = try berth.inspect("c", "{{.LogPath}}"),
      lines = try String(decoding: FileSystem.read(path), as: UTF8.self).split(separator: "\n")
    let entries = try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(Set(entries.map { "\($0["stream"].string) \($0["log"].string)" }) == ["stdout a \"b\"\\\n", "stderr no end"])
    #expect(entries[0]["time"].string.hasPrefix("20") && entries[0]["time"].string.hasSuffix("Z"))
    let output = try berth.attempt("logs", "c")
    #expect(output.text == "a \"b\"\\\n" && output.errors == "no end")
  }

  @Test(
    "lines are chosen by their number and their time",
    arguments: [(["--tail", "2"], "4\n5\n"), (["-n0"], ""), (["--since", "1h"], "1\n2\n3\n4\n5\n"), (["--until", "1h"], "")])
  func choice(options: [String], text: String) throws {
    let berth = try Berth()
    try ended(berth, "seq 5")
    #expect(try berth.attempt(["logs"] + options + ["c"]).text == text)
  }

  @Test("timestamps stand before the lines")
  func timestamps() throws {
    let berth = try Berth()
    try ended(berth, "echo x")
    #expect(try berth("logs", "-t", "c").wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z x/) != nil)
  }

  @Test("following a log goes on until the container ends, and misses nothing")
  func follow() throws {
    let berth = try Berth()
    try berth.start("c", ["--network", "none"], "for i in 1 2 3 4 5; do echo $i; sleep 0.05; done")
    #expect(try berth("logs", "-f", "c") == "1\n2\n3\n4\n5")
  }

  @Test("files are put aside when they are full, and only so many are kept")
  func rotation() throws {
    let berth = try Berth()
    try ended(berth, options: ["--log-opt", "max-size=2k", "--log-opt", "max-file=3"], "for i in $(seq 1000); do echo line $i; done")
    let path = try berth.inspect("c", "{{.LogPath}}"), folder = FileSystem.folder(of: path)
    let files = try FileSystem.names(in: folder).filter { $0.hasPrefix("output.log") }.sorted()
    #expect(files == ["output.log", "output.log.1", "output.log.2"])
    let lines = try berth("logs", "c").split(separator: "\n").map { String($0) }
    #expect(lines.last == "line 1000" && lines.count < 1000)
    #expect(lines == (0..<lines.count).map { "line \(1000 - lines.count + 1 + $0)" })
  }

  @Test("the raw driver keeps the bytes, and the none driver nothing")
  func drivers() throws {
    let berth = try Berth()
    try ended(berth, options: ["--log-driver", "raw"], "printf 'a\\377b'")
    #expect(try FileSystem.read(berth.inspect("c", "{{.LogPath}}")) == [97, 255, 98])
    try berth("rm", "c")
    try ended(berth, options: ["--log-driver", "none"], "echo x")
    #expect(try berth.attempt("logs", "c").errors.contains("does not support reading"))
  }

  @Test("a line longer than 16 KiB comes out whole")
  func longLine() throws {
    let berth = try Berth()
    try ended(berth, "head -c 50000 /dev/zero | tr '\\0' x; echo")
    #expect(try berth.attempt("logs", "c").text == String(repeating: "x", count: 50000) + "\n")
  }
}
