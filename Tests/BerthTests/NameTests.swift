import JSON
import Linux
import TestSupport
import Testing

@Suite("names of containers", .networkNamespace)
struct NameTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  @Test("members of a network find each other by name, alias and ID, however they come and go")
  func members() throws {
    try berth("network", "create", "front")
    let one = try berth.web("one", ["--network", "front", "--network-alias", "first"]), id = try berth.inspect("one", "{{.Id}}").prefix(12)
    try berth.web("two", ["--network", "front", "--hostname", "zwei"])
    for name in ["one", "first", String(id)] { #expect(try berth.reaches("two", "http://\(name)/")) }
    #expect(try berth.reaches("one", "http://two/") && berth.hosts("two").contains("\tzwei two\t"))
    try berth("rename", "two", "deux")
    #expect(try berth.reaches("one", "http://deux/") && !berth.hosts("one").contains("two"))
    try ProcessDescriptor.kill(berth.processes("deux").supervisor)
    try berth("ps")
    #expect(try !berth.hosts("one").contains("deux"))
    try berth("stop", "-t", "0", "one")
    try berth("start", "deux")
    #expect(try !berth.hosts("deux").contains("first"))
    try berth("start", "one")
    #expect(try berth.hosts("deux").contains("\(berth.address("one"))\tone first \(id)\t") && one.hasPrefix("172.18."))
  }

  @Test("on the default network nobody knows anybody")
  func defaultNetwork() throws {
    let one = try berth.web("one")
    try berth.web("two")
    #expect(try !berth.hosts("two").contains(one) && !berth.reaches("two", "http://one/") && berth.reaches("two", "http://\(one)/"))
    let refused = try berth.attempt("run", "--network-alias", "x", "--rootfs", berth.rootfs, "true")
    #expect(refused.status == 125 && refused.errors.contains("only for containers in user defined networks"))
  }

  @Test("ten that come at once all know each other, and ten that go are forgotten")
  func crowd() throws {
    try berth("network", "create", "front")
    try berth.start("watcher", ["--network", "front"])
    let output = try berth.onHost(
      "for i in $(seq 10); do berth run -d --name m$i --network front --rootfs $rootfs sleep 1000 & done; wait")
    #expect(output.text.split(separator: "\n").count == 10, "\(output)")
    for name in ["watcher", "m1", "m7", "m10"] {
      let hosts = try berth.hosts(name), known = (1...10).filter { hosts.contains("\tm\($0) ") || hosts.contains(" m\($0)\t") }
      #expect(known.count == 10, "\(name): \(hosts)")
    }
    try berth.run(["rm", "-f"] + (1...10).map { "m\($0)" })
    #expect(try !berth.hosts("watcher").contains("\tm"))
  }

  @Test("what somebody writes into the file stays, and the file stays the same one")
  func edits() throws {
    try berth("network", "create", "front")
    try berth.start("one", ["--network", "front"])
    try berth("exec", "one", "sh", "-c", "echo '192.0.2.7 mine' >> /etc/hosts")
    try berth.start("two", ["--network", "front"])
    try berth("rm", "-f", "two")
    try berth.start("three", ["--network", "front"])
    #expect(
      try berth.hosts("one").contains("192.0.2.7 mine\n") && berth.hosts("one").contains("three") && !berth.hosts("one").contains("two"))
  }

  @Test("hosts, host name, resolver and domain are as asked for")
  func settings() throws {
    let output = try berth(
      "run", "--rm", "--hostname", "shop", "--domainname", "example.org", "--add-host", "far:192.0.2.9", "--add-host", "six:[fd00::9]",
      "--add-host",
      "here:host-gateway", "--dns", "192.0.2.53", "--dns-search", "example.net", "--dns-option", "ndots:3", "--rootfs", berth.rootfs, "sh",
      "-c",
      "hostname; cat /etc/hostname /etc/resolv.conf /etc/hosts")
    #expect(output.hasPrefix("shop\nshop\nnameserver 192.0.2.53\nsearch example.net\noptions ndots:3\n"), "\(output)")
    for line in ["192.0.2.9\tfar\n", "fd00::9\tsix\n", "10.88.0.1\there\t", "\tshop.example.org shop\t"] {
      #expect(output.contains(line), "\(line)")
    }
  }

  @Test("plugins that ask for names, name servers and rates get them", arguments: [true, false])
  func capabilities(asks: Bool) throws {
    try FileSystem.createFolders("/run/conf")
    let recorder = "#!/bin/sh\n[ $CNI_COMMAND = ADD ] || exit 0\ncat > /run/seen.json\nexec jq .prevResult /run/seen.json\n"
    try FileSystem.create("/run/plugins/recorder", content: Array(recorder.utf8), mode: 0o755)
    let wanted = asks ? #""aliases":true,"dns":true,"bandwidth":true,"ips":true,"mac":true"# : ""
    let list = """
      {"cniVersion":"1.0.0","name":"seen","plugins":[
        {"type":"bridge","bridge":"br9","capabilities":{"ips":true,"mac":true},"ipam":{"type":"host-local","subnet":"10.9.0.0/24"}},
        {"type":"recorder","capabilities":{\(wanted)}}]}
      """
    try FileSystem.create("/run/conf/seen.conflist", content: Array(list.utf8))
    let network =
      "name=seen,alias=www,ip=10.9.0.7,mac-address=02:00:00:00:00:09"
      + (asks ? ",driver-opt=ingress-rate=8m,driver-opt=ingress-burst=1m" : "")
    try berth(
      "run", "--name", "web", "--network", network, "--dns", "192.0.2.53", "--dns-search", "example.org", "--dns-option", "ndots:3",
      "--rootfs",
      berth.rootfs, "true")
    let seen = try Command.run("cat /run/seen.json").json["runtimeConfig"]
    guard asks else {
      #expect(seen == nil)
      return
    }
    #expect(seen["aliases"]["seen"] == ["web", "www"])
    #expect(seen["dns"] == ["servers": ["192.0.2.53"], "searches": ["example.org"], "options": ["ndots:3"]])
    #expect(seen["ips"] == ["10.9.0.7"] && seen["mac"] == "02:00:00:00:00:09")
    #expect(seen["bandwidth"] == ["ingressRate": 8_000_000, "ingressBurst": 1_000_000])
  }
}
