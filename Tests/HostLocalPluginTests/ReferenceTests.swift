import JSON
import Linux
import TestSupport
import Testing

/// Debian's containernetworking-plugins works on the same folder as ours, before, after and at the same time.
@Suite("host-local together with the reference", .networkNamespace)
struct ReferenceTests {
  let folder: HostLocal
  let ours: PluginRunner
  let reference = PluginRunner(folder: "/usr/lib/cni")
  let network: JSONValue

  init() throws {
    folder = try HostLocal()
    ours = try PluginRunner()
    network = folder.configuration(["ranges": [[["subnet": "10.0.0.0/16"]], [["subnet": "fd00::/64"]]]], version: "1.0.0")
  }

  private func run(_ runner: PluginRunner, _ command: String, id: String, _ network: JSONValue? = nil) throws -> Command.Output {
    var runner = runner
    runner.containerID = id
    return try runner.run(command, type: "host-local", input: (network ?? self.network).text, netns: "/nowhere")
  }

  private func add(_ runner: PluginRunner, id: String) throws -> JSONValue {
    let output = try run(runner, "ADD", id: id)
    guard output.status == 0 else { throw Refusal(output.text) }
    return try output.json
  }

  private func expect(_ runner: PluginRunner, _ command: String, id: String, previous: JSONValue? = nil) throws {
    let output = try run(runner, command, id: id, previous.map { network.with("prevResult", $0) })
    #expect(output.status == 0 && output.text.isEmpty, "\(command) of \(id): \(output)")
  }

  @Test("both hand out addresses by turns, and continue each other's round")
  func turns() throws {
    let results = try (1...20).map { try add($0 % 2 == 0 ? ours : reference, id: "c\($0)") }
    #expect(results.map { addresses($0)[0] } == (2...21).map { "10.0.0.\($0)/16" })
    #expect(Set(results.map { addresses($0)[1] }).count == 20)
  }

  @Test("either answers the same result as the other")
  func sameResult() throws {
    let theirs = try add(reference, id: "a")
    try expect(reference, "DEL", id: "a")
    try FileSystem.remove("\(folder.dataFolder)/net/last_reserved_ip.0")
    try FileSystem.remove("\(folder.dataFolder)/net/last_reserved_ip.1")
    #expect(try add(ours, id: "a") == theirs.with("dns", theirs["dns"]).without(theirs["dns"] == [:] ? "dns" : ""))
  }

  @Test("either checks and releases what the other leased", arguments: [true, false])
  func release(oursFirst: Bool) throws {
    let (first, second) = oursFirst ? (ours, reference) : (reference, ours)
    let a = try add(first, id: "a"), b = try add(first, id: "b")
    try expect(second, "CHECK", id: "a", previous: a)
    try expect(second, "DEL", id: "a", previous: a)
    #expect(try folder.leases() == ["10.0.0.3", "fd00::3"])
    #expect(try run(first, "CHECK", id: "a", network.with("prevResult", a)).status == 1)
    try expect(first, "CHECK", id: "b", previous: b)
    try expect(second, "DEL", id: "b")
    #expect(try folder.leases() == [])
    try expect(first, "DEL", id: "a", previous: a)
    #expect(try addresses(add(first, id: "a"))[0] == "10.0.0.4/16")
  }

  @Test("either refuses an attachment that the other has served, in the same words", arguments: [true, false])
  func duplicate(oursFirst: Bool) throws {
    let (first, second) = oursFirst ? (ours, reference) : (reference, ours)
    _ = try add(first, id: "a")
    let refusals = try [first, second].map { try run($0, "ADD", id: "a").json }
    #expect(refusals[0]["msg"] == refusals[1]["msg"])
    #expect(refusals[0]["code"] == refusals[1]["code"])
    #expect(refusals[0]["msg"].string.contains("10.0.0.2 has been allocated to a, duplicate allocation is not allowed"))
  }

  @Test("the reference finds nothing in our index that it did not find before")
  func goingBack() throws {
    for id in ["fd00", "10.0.0.9", "b"] { _ = try add(ours, id: id) }
    try expect(ours, "DEL", id: "b")
    #expect(try run(reference, "CHECK", id: "b").status == 1)
    #expect(try addresses(add(reference, id: "new"))[0] == "10.0.0.5/16")
    for id in ["fd00", "10.0.0.9", "new"] { try expect(reference, "DEL", id: id) }
    #expect(
      try FileSystem.names(in: "\(folder.dataFolder)/net").sorted() == [".index", "last_reserved_ip.0", "last_reserved_ip.1", "lock"])
    #expect(try FileSystem.names(in: "\(folder.dataFolder)/net/.index") == ["boot"])
  }

  @Test("an address that the reference loses when it is killed is found by us")
  func killedReference() throws {
    let address = "\(folder.dataFolder)/net/10.0.0.2"
    let killed = try Command.attempt(
      ["strace", "-f", "-qq", "-o", "/dev/null", "-P", address, "-e", "inject=write:signal=SIGKILL", "/usr/lib/cni/host-local"],
      input: network.text,
      environment: [
        "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "a", "CNI_NETNS": "/nowhere", "CNI_IFNAME": "eth0", "CNI_PATH": "/nowhere",
      ])
    #expect(killed.status == 128 + 9, "\(killed)")
    #expect(try FileSystem.read(address) == [])
    try expect(reference, "DEL", id: "a")
    #expect(try folder.leases() == ["10.0.0.2"])
    try expect(ours, "DEL", id: "a")
    #expect(try folder.leases() == [])
  }

  @Test("fifty processes of each at once get a hundred addresses, and release them")
  func concurrent() throws {
    try FileSystem.create("\(folder.dataFolder)/conf", content: Array(network.text.utf8))
    let script = #"""
      cd "$1"; export CNI_NETNS=/nowhere CNI_IFNAME=eth0 CNI_PATH=/nowhere
      every() { # command, what runs it for odd numbers, and for even ones
        for i in $(seq 100); do
          if [ $((i % 2)) = 1 ]; then run=$2; else run=$3; fi
          CNI_COMMAND=$1 CNI_CONTAINERID=c$i $run < conf > $1.$i &
        done
        wait
      }
      every ADD "$2" "$3"; ls net > leased; every DEL "$3" "$2"; cat ADD.* > added; cat DEL.* > deleted
      """#
    let output = try Command.attempt(
      ["sh", "-c", script, "sh", folder.dataFolder, "\(ours.folder)/host-local", "\(reference.folder)/host-local"])
    #expect(output.status == 0, "\(output)")
    let results = try (1...100).map { try JSONValue(parsing: FileSystem.read("\(folder.dataFolder)/ADD.\($0)")) }
    #expect(Set(results.map { addresses($0).first ?? $0.text }).count == 100)
    #expect(Set(results.map { addresses($0).last ?? $0.text }).count == 100)
    #expect(try FileSystem.read("\(folder.dataFolder)/deleted") == [])
    #expect(try folder.leases() == [])
    #expect(
      try FileSystem.names(in: "\(folder.dataFolder)/net").sorted() == [".index", "last_reserved_ip.0", "last_reserved_ip.1", "lock"])
  }
}
