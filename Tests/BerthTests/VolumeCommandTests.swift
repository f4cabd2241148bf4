import JSON
import Linux
import TestSupport
import Testing

@Suite("berth volume", .networkNamespace)
struct VolumeCommandTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  @Test("a volume is made, listed, described, used and removed as with docker")
  func lifecycle() throws {
    #expect(try berth("volume", "create", "--label", "tier=db", "data") == "data" && berth("volume", "create", "data") == "data")
    #expect(try berth("volume", "ls") == "DRIVER    VOLUME NAME\nlocal     data")
    let described = try JSONValue.parse(berth("volume", "inspect", "data"))[0]
    #expect(described["Mountpoint"].string == "\(berth.root)/volumes/data/_data" && described["Labels"]["tier"].string == "db")
    #expect(try berth("inspect", "-f", "{{.Driver}}", "data") == "local")
    #expect(try berth.shell(["-v", "data:/data"], "echo kept > /data/file").status == 0)
    #expect(try berth.shell(["-v", "data:/other:ro"], "cat /other/file; echo x > /other/file").text == "kept\n")
    let id = try berth.start("db", ["--network", "none", "-v", "data:/data"])
    #expect(try berth.attempt("volume", "rm", "data").errors == "Error: remove data: volume is in use - [\(id)]\n")
    try berth("rm", "-f", "-v", "db")
    #expect(try berth("volume", "rm", "data") == "data")
    let gone = try berth.attempt("volume", "rm", "data", "dtaa")
    #expect(gone.status == 1 && gone.errors == "Error: get data: no such volume\nError: get dtaa: no such volume\n")
    #expect(try berth.attempt("volume", "rm", "-f", "data").status == 0)
  }

  @Test("anonymous volumes go with rm -v and --rm, or by prune, and named ones stay")
  func anonymous() throws {
    try berth("volume", "create", "kept")
    let name = try berth("volume", "create")
    #expect(name.utf8.count == 64)
    _ = try berth.shell(["-v", "/data", "-v", "named:/named"], "true")
    #expect(try berth("volume", "ls", "-q").split(separator: "\n").sorted() == ([name, "kept", "named"].sorted().map { $0[...] }))
    try berth.start("one", ["--network", "none", "-v", "/data"])
    try berth.start("two", ["--network", "none", "--volumes-from", "one"])
    try berth("rm", "-f", "-v", "one")
    #expect(try berth("exec", "two", "ls", "-d", "/data") == "/data" && berth("volume", "ls", "-q").split(separator: "\n").count == 4)
    let pruned = try berth("volume", "prune", "-f")
    #expect(pruned.hasPrefix("Deleted Volumes:\n\(name)\n\nTotal reclaimed space: "), "\(pruned)")
    try berth("rm", "-f", "two")
    #expect(try berth("volume", "ls", "-q", "--filter", "dangling=true").split(separator: "\n").count == 3)
    #expect(try berth("volume", "prune", "-a", "-f").split(separator: "\n").count == 5 && berth("volume", "ls", "-q") == "")
    #expect(try FileSystem.names(in: "\(berth.root)/volumes").filter { !$0.hasPrefix(".") } == [])
  }

  @Test("many that want one volume at once share it, and one that is being removed is not lost to a new container")
  func crowd() throws {
    let output = try berth.onHost(
      "for i in $(seq 10); do berth run --rm --network none -v shared:/s --rootfs $rootfs sh -c \"echo x > /s/$i\" & berth volume rm shared 2>/dev/null >&2 & berth volume create shared & done; wait"
    )
    #expect(output.text.split(separator: "\n").allSatisfy { $0 == "shared" }, "\(output)")
    #expect(output.errors.isEmpty, "\(output)")
    for name in try berth("volume", "ls", "-q").split(separator: "\n") { #expect(name == "shared") }
  }

  @Test(
    "names and paths that lead elsewhere are refused",
    arguments: [
      "../x", "..", ".", "a/b", "/abs", "a b", "x", "-x", "_x", "a\u{1b}[31m", "", "\u{e9}t\u{e9}", "a:b",
    ])
  func names(name: String) throws {
    let output = try berth.attempt(["volume", "create", "--"] + [name])
    #expect(output.status == 1 && output.errors.contains("volume name"), "\(output)")
    #expect(try berth("volume", "ls", "-q") == "" && berth.attempt(["volume", "rm", "--", name]).status == 1)
  }
}
