import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("networks when things go wrong", .networkNamespace)
struct NetworkFaultTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  /// Has a plugin's next ADD kill whoever calls it, before or after the plugin has done its work.
  private func arm(_ plugin: String, after: Bool) throws {
    if !FileSystem.isFolder("/run/real") {
      try FileSystem.createFolders("/run/real")
      for name in ["bridge", "portmap", "firewall"] {
        try Command.run("mv /run/plugins/\(name) /run/real/\(name)")
        let script = """
          #!/bin/sh
          [ $CNI_COMMAND = ADD ] || exec /run/real/\(name)
          if rm /run/arm.\(name).before 2>/dev/null; then exec kill -9 $PPID; fi
          /run/real/\(name); status=$?
          if rm /run/arm.\(name).after 2>/dev/null; then kill -9 $PPID; fi
          exit $status

          """
        try FileSystem.create("/run/plugins/\(name)", content: Array(script.utf8), mode: 0o755)
      }
    }
    try FileSystem.create("/run/arm.\(plugin).\(after ? "after" : "before")", content: [])
  }

  /// What has come since, bridges excepted: they stay until their networks are removed.
  private func leftovers(since before: [String]) throws -> Set<String> {
    try Set(berth.networkWorld().filter { $0 != "cni0" && !$0.hasPrefix("br-") }).subtracting(before)
  }

  @Test(
    "a supervisor that is killed amid a start leaves nothing after the next command, and the container can be started",
    arguments: [("bridge", false), ("bridge", true), ("portmap", true), ("firewall", true)])
  func supervisorKilled(plugin: String, after: Bool) throws {
    try berth("network", "create", "--opt", "icc=false", "front")
    try berth.start("db", ["--network", "front", "--expose", "80"])
    let before = try berth.networkWorld(), words = ["--network", "front", "--link", "db", "-p", "8080:80", "--rootfs", berth.rootfs]
    try arm(plugin, after: after)
    let output = try berth.attempt(["run", "-d", "--name", "web"] + words + ["httpd", "-f", "-p", "80", "-h", "/www"])
    #expect(output.status == 125 && !output.errors.isEmpty, "\(output)")
    try berth("ps")
    #expect(try leftovers(since: before) == [])
    try berth("start", "web")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n" && berth.hosts("web").contains("\tdb "))
    try berth("rm", "-f", "web")
    #expect(try leftovers(since: before) == [])
  }

  @Test("a killed connect can be repeated, or goes with the container", arguments: [false, true])
  func connectKilled(repeats: Bool) throws {
    try berth("network", "create", "back")
    let before = try berth.networkWorld()
    try berth.web("web")
    try arm("portmap", after: true)
    #expect(try berth.attempt("network", "connect", "back", "web").status == 128 + SIGKILL)
    if repeats {
      try berth("network", "connect", "back", "web")
      try berth("network", "check", "web")
      #expect(try berth.address("web", on: "back").hasPrefix("172.18."))
    }
    try berth("stop", "-t", "0", "web")
    #expect(try leftovers(since: before) == [])
    try berth("start", "web")
    #expect(try berth.inside("web", "ip -br link").text.split(separator: "\n").count == 3)
  }

  @Test("the first command after a boot gives back what everybody had")
  func boot() throws {
    try berth("network", "create", "back")
    let before = try berth.networkWorld()
    try berth.web("web", ["-p", "8080:80"])
    try berth.web("db", ["--network", "back", "--restart", "no"])
    let all = try [berth.processes("web"), berth.processes("db")]
    for one in all { try ProcessDescriptor.kill(one.supervisor) }
    // What a boot takes away, and another number of the boot.
    try Command.run("nft flush ruleset")
    try Command.run("rm -r /run/berth /run/cni")
    for line in try Command.run("ip -o link").text.split(separator: "\n") where line.contains("veth") || line.contains(": br-") {
      let name = line.split(separator: " ")[1].prefix { $0 != "@" && $0 != ":" }
      _ = try Command.attempt(["ip", "link", "del", String(name)])
    }
    try FileSystem.create("/run/boot-id", content: Array("11111111-2222-3333-4444-555555555555\n".utf8))
    try Command.run("mount --bind /run/boot-id /proc/sys/kernel/random/boot_id")
    #expect(try berth("ps", "-a", "--format", "{{.Names}} {{.State}}").split(separator: "\n").sorted() == ["db exited", "web exited"])
    #expect(try leftovers(since: before) == [])
    try berth("start", "web", "db")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n")
    try berth("network", "check")
  }

  @Test("a container ends cleanly although its network's list is gone, and the rules were flushed")
  func listGone() throws {
    try berth("network", "create", "front")
    let before = try berth.networkWorld()
    try berth.web("web", ["--network", "front", "-p", "8080:80"])
    try Command.run("rm /run/conf/front.conflist")
    try Command.run("nft flush ruleset")
    try berth("stop", "-t", "0", "web")
    #expect(try leftovers(since: before) == [])
    let output = try berth.attempt("start", "web")
    #expect(output.status == 1 && output.errors.contains("network front not found"), "\(output)")
    #expect(try berth("inspect", "web") != "" && leftovers(since: before) == [])
  }

  @Test("networks made at once get different subnets, and of one name there is one")
  func manyNetworks() throws {
    let output = try berth.onHost("for i in $(seq 8); do berth network create same & berth network create n$i & done; wait")
    #expect(output.text.split(separator: "\n").count == 9, "\(output)")
    #expect(output.errors.split(separator: "\n").filter { $0 == "Error: network with name same already exists" }.count == 7, "\(output)")
    let names = try berth("network", "ls", "-q", "-f", "driver=bridge").split(separator: "\n").map { String($0) }
    let subnets = try names.map { try berth("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}} {{end}}", $0) }
    #expect(Set(subnets).count == 10)
    try berth.run(["network", "rm", "same"] + (1...8).map { "n\($0)" })
  }

  @Test("of eight that want one address at once one gets it")
  func sameAddress() throws {
    try berth("network", "create", "front")
    let output = try berth.onHost(
      "for i in $(seq 8); do berth run -d --name m$i --network front --ip 172.18.0.50 --rootfs $rootfs sleep 1000 & done; wait")
    #expect(output.text.split(separator: "\n").count == 1, "\(output)")
    #expect(output.errors.split(separator: "\n").filter { $0.contains("172.18.0.50") }.count == 7, "\(output)")
  }

  @Test("connects and disconnects of one container at once leave it whole")
  func connectCrowd() throws {
    for name in ["n1", "n2", "n3"] { try berth("network", "create", name) }
    let before = try berth.networkWorld()
    try berth.web("web")
    _ = try berth.onHost("for i in 1 2 3 1 2 3; do berth network connect n$i web & berth network disconnect n$i web & done; wait")
    let networks = try JSONValue.parse(berth("inspect", "web"))[0]["NetworkSettings"]["Networks"]
    guard case .object(let object) = networks else { Issue.record("no networks"); return }
    let interfaces = try berth.inside("web", "ip -br link").text.split(separator: "\n").count
    #expect(interfaces == object.members.count + 1)
    try berth("network", "check", "web")
    try berth("rm", "-f", "web")
    #expect(try leftovers(since: before) == [])
    try berth("network", "rm", "n1", "n2", "n3")
  }

  @Test("a network that is removed while containers start on it is either refused or empty")
  func removeAmidStarts() throws {
    try berth("network", "create", "front")
    let before = try berth.networkWorld()
    let output = try berth.onHost(
      "for i in $(seq 4); do berth run -d --name m$i --network front --rootfs $rootfs sleep 1000 & berth network rm front & done; wait")
    let running = try berth("ps", "-q").split(separator: "\n").count
    let exists = try berth.attempt("network", "inspect", "front").status == 0
    #expect(exists || running == 0, "\(output)")
    let all = try berth("ps", "-aq").split(separator: "\n").map { String($0) }
    if !all.isEmpty { try berth.run(["rm", "-f"] + all) }
    #expect(try leftovers(since: before) == [])
  }

  @Test("containers that are linked to each other in turn start again in any order")
  func linkedPairs() throws {
    try berth("network", "create", "--opt", "icc=false", "front")
    try berth.web("a", ["--network", "front", "--expose", "80"])
    try berth.web("b", ["--network", "front", "--expose", "80", "--link", "a"])
    try berth.web("c", ["--network", "front", "--link", "a", "--link", "b:a2"])
    try berth("restart", "-t", "0", "a", "b")
    for name in ["a", "b"] { _ = try berth.fetch("http://\(berth.address(name))/") }
    #expect(try berth.reaches("c", "http://a/") && berth.reaches("c", "http://a2/") && berth.reaches("b", "http://a/"))
    #expect(try !berth.reaches("a", "http://\(berth.address("b"))/"))
    try berth("network", "check")
  }

  @Test("a hundred ports are published at once, and nothing is left of them")
  func manyPorts() throws {
    let before = try berth.networkWorld()
    try berth.web("web", ["-p", "9000-9099:9000-9099", "-p", "9100:80"])
    #expect(try berth("port", "web").split(separator: "\n").count == 202 && berth.fetch("http://127.0.0.1:9100/") == "hello\n")
    try berth("rm", "-f", "web")
    #expect(try leftovers(since: before) == [])
  }
}
