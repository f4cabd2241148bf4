import CNI
import JSON
import Linux
import TestSupport
import Testing

@Suite("host-local")
struct HostLocalTests {
  let plugin: HostLocal

  init() throws { plugin = try HostLocal() }

  @Test("answers addresses, routes and resolver, in every version that has room for them")
  func result() throws {
    try FileSystem.create(
      "\(plugin.dataFolder)/resolv.conf",
      content: Array(
        """
        # comment
        ; comment
          nameserver 192.0.2.3
        nameserver\t2001:db8::53
        search a.example b.example
        search c.example
        domain example
        options ndots:2
        options rotate edns0
        sortlist 1.2.3.4
        nameserver
        """.utf8))
    let configuration = plugin.configuration(
      [
        "ranges": [[["subnet": "10.1.2.0/24"]], [["subnet": "2001:db8:1::/64", "gateway": "fe80::1"]]],
        "routes": [
          ["dst": "0.0.0.0/0"], ["dst": "192.168.0.0/16", "gw": "10.10.5.1", "mtu": 1400, "table": 0, "scope": 0, "priority": 7],
          ["dst": "::/0", "gw": "fe80::1"],
        ], "resolvConf": .string("\(plugin.dataFolder)/resolv.conf"),
      ])
    let result = try plugin.add(configuration)
    let expected = """
      {"cniVersion":"1.1.0",
      "ips":[{"address":"10.1.2.2/24","gateway":"10.1.2.1"},{"address":"2001:db8:1::1/64","gateway":"fe80::1"}],
      "routes":[{"dst":"0.0.0.0/0"},{"dst":"192.168.0.0/16","gw":"10.10.5.1","mtu":1400,"priority":7,"table":0,"scope":0},
      {"dst":"::/0","gw":"fe80::1"}],
      "dns":{"nameservers":["192.0.2.3","2001:db8::53"],"domain":"example",
      "search":["a.example","b.example","c.example"],"options":["ndots:2","rotate","edns0"]}}
      """
    #expect(try result == .parse(expected))
    let old = try plugin.add(configuration.with("cniVersion", "0.2.0"), id: "c2")
    #expect(old["ip4"]["ip"] == "10.1.2.3/24" && old["ip6"]["gateway"] == "fe80::1" && old["ip4"]["routes"].elements.count == 2)
    let middle = try plugin.add(configuration.with("cniVersion", "0.4.0"), id: "c3")
    #expect(middle["ips"][0]["version"] == "4" && middle["ips"][1]["version"] == "6")
    for id in ["c1", "c2", "c3"] { try plugin.expect("DEL", configuration, id: id) }
    #expect(try plugin.leases() == [])
  }

  @Test("takes the sets of the runtime first, then the single range, then the list")
  func order() throws {
    let configuration = plugin.configuration([
      "subnet": "10.2.0.0/24", "rangeStart": "10.2.0.9", "rangeEnd": "10.2.0.10", "gateway": "10.2.0.254",
      "ranges": [[["subnet": "10.3.0.0/24"]]],
    ]).with("runtimeConfig", ["ipRanges": [[["subnet": "10.1.0.0/24"], ["subnet": "10.1.1.0/24"]]]])
    #expect(try addresses(plugin.add(configuration)) == ["10.1.0.2/24", "10.2.0.9/24", "10.3.0.2/24"])
  }

  @Test("reads keys without regard to case")
  func keyCase() throws {
    let configuration = plugin.configuration(["Ranges": [[["SUBNET": "10.1.0.0/24", "rangestart": "10.1.0.7"]]]])
    #expect(try addresses(plugin.add(configuration)) == ["10.1.0.7/24"])
  }

  @Test("hands out what CNI_ARGS, args.cni and the runtime ask for, with or without a prefix length")
  func requested() throws {
    let configuration = plugin.configuration([
      "ranges": [[["subnet": "10.0.0.0/24"]], [["subnet": "10.0.1.0/24"]], [["subnet": "fd00::/64"]]]
    ]).with("args", ["cni": ["ips": ["10.0.1.7/16"]]]).with("runtimeConfig", ["ips": ["fd00::7"]])
    let result = try plugin.add(configuration, arguments: "IgnoreUnknown=1;IP=10.0.0.7;FOO=1")
    #expect(addresses(result) == ["10.0.0.7/24", "10.0.1.7/24", "fd00::7/64"])
  }

  @Test("refuses a second ADD of an attachment in the reference's words")
  func duplicate() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24"])
    _ = try plugin.add(configuration)
    #expect(
      plugin.refusal("ADD", configuration).summary
        == "999 failed to allocate for range 0: 10.0.0.2 has been allocated to c1, duplicate allocation is not allowed")
    #expect(try addresses(plugin.add(configuration, ifname: "eth1")) == ["10.0.0.3/24"])
    #expect(try addresses(plugin.add(configuration.with("name", "other"))) == ["10.0.0.2/24"])
  }

  @Test("gives everything back when one set is full")
  func full() throws {
    let configuration = plugin.configuration(["ranges": [[["subnet": "10.1.0.0/24"]], [["subnet": "10.0.0.0/30"]]]])
    _ = try plugin.add(configuration)
    #expect(
      plugin.refusal("ADD", configuration, id: "c2").summary
        == "999 failed to allocate for range 1: no IP addresses available in range set: 10.0.0.1-10.0.0.2")
    #expect(try plugin.leases() == ["10.0.0.2", "10.1.0.2"])
  }

  @Test("leases nothing when the resolver's file cannot be read")
  func missingResolver() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24", "resolvConf": "/nowhere/resolv.conf"])
    #expect(plugin.refusal("ADD", configuration).summary == "5 open /nowhere/resolv.conf: No such file or directory")
    #expect(try plugin.leases() == [])
    #expect(plugin.refusal("STATUS", configuration).summary.hasPrefix("50 addresses cannot be leased: open /nowhere/resolv.conf"))
  }

  @Test("DEL succeeds twice, before any ADD, and with a previous result that tells other addresses")
  func delete() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24"])
    try plugin.expect("DEL", configuration)
    #expect(!FileSystem.isFolder("\(plugin.dataFolder)/net"))
    let result = try plugin.add(configuration)
    try plugin.expect("DEL", configuration.with("prevResult", ["ips": [["address": "10.0.0.77/24"], ["address": "192.0.2.1/24"]]]))
    #expect(try plugin.leases() == [])
    try plugin.expect("DEL", configuration.with("prevResult", result))
  }

  @Test("CHECK asks for the addresses of the previous result")
  func check() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24"])
    let message = "999 host-local: Failed to find address added by container c1"
    #expect(plugin.refusal("CHECK", configuration).summary == message)
    let result = try plugin.add(configuration)
    try plugin.expect("CHECK", configuration)
    try plugin.expect("CHECK", configuration.with("prevResult", result))
    // An address that another plugin added is none of ours.
    let more = result.with("ips", .array(result["ips"].elements + [["address": "192.0.2.1/24"]]))
    try plugin.expect("CHECK", configuration.with("prevResult", more))
    let other: JSONValue = ["ips": [["address": "10.0.0.3/24"]]]
    let refusal = plugin.refusal("CHECK", configuration.with("prevResult", other))
    #expect(refusal.summary == message)
    #expect(refusal.details == "10.0.0.3 is not leased to interface eth0 of it")
    #expect(plugin.refusal("CHECK", configuration.with("prevResult", result), ifname: "eth1").summary == message)
    try plugin.write("10.0.0.2", "c2\r\neth0")
    #expect(plugin.refusal("CHECK", configuration.with("prevResult", result)).summary == message)
    #expect(plugin.refusal("CHECK", configuration.with("cniVersion", "0.3.1")).summary == "1 config version does not allow CHECK")
  }

  @Test("STATUS says which range is full, and is content with the others")
  func status() throws {
    let configuration = plugin.configuration(["ranges": [[["subnet": "fd00::/64"]], [["subnet": "10.0.0.0/30"]]]])
    try plugin.expect("STATUS", configuration)
    #expect(!FileSystem.isFolder("\(plugin.dataFolder)/net"))
    let result = try plugin.add(configuration)
    #expect(plugin.refusal("STATUS", configuration).summary == "50 no IP addresses available in range set 1: 10.0.0.1-10.0.0.2")
    try plugin.expect("DEL", configuration.with("prevResult", result))
    try plugin.expect("STATUS", configuration)
    let onlyGateway = plugin.configuration(["subnet": "10.0.0.0/30", "rangeEnd": "10.0.0.1"], name: "empty")
    #expect(plugin.refusal("STATUS", onlyGateway).summary == "50 no IP addresses available in range set 0: 10.0.0.1-10.0.0.1")
  }

  @Test("GC releases what no valid attachment of the network owns")
  func garbage() throws {
    let configuration = plugin.configuration(["ranges": [[["subnet": "10.0.0.0/24"]], [["subnet": "fd00::/64"]]]])
    for id in ["c1", "c2", "c3"] { _ = try plugin.add(configuration, id: id) }
    try plugin.write("10.0.0.30", "")
    _ = try plugin.add(configuration.with("name", "other"))
    try plugin.expect("GC", configuration.with("cni.dev/valid-attachments", [["containerID": "c2", "ifname": "eth0"]]))
    #expect(try plugin.leases() == ["10.0.0.3", "fd00::3"])
    try plugin.expect("CHECK", configuration, id: "c2")
    try plugin.expect("GC", configuration)
    #expect(try plugin.leases() == [])
    #expect(try plugin.leases("other") == ["10.0.0.2", "fd00::2"])
    try plugin.expect("GC", configuration.with("name", "never"))
  }

  @Test("keeps leases across reboots only if told to")
  func reboot() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24"])
    let keeping = plugin.configuration(["subnet": "10.0.0.0/24", "keepLeasesAcrossReboots": true])
    _ = try plugin.add(keeping)
    try plugin.write(".index/boot", "another boot")
    try plugin.expect("CHECK", keeping)
    #expect(plugin.refusal("ADD", configuration).summary.contains("duplicate allocation is not allowed"))
    try plugin.write(".index/boot", "another boot")
    #expect(try addresses(plugin.add(configuration)) == ["10.0.0.3/24"])
  }

  @Test("tells operation and path when the folder cannot be written", .networkNamespace)
  func readOnly() throws {
    let configuration = plugin.configuration(["subnet": "10.0.0.0/24"])
    let result = try plugin.add(configuration)
    try Command.run("mount --bind \(plugin.dataFolder) \(plugin.dataFolder)")
    defer { _ = try? Command.run("umount -l \(plugin.dataFolder)") }
    try Command.run("mount -o remount,bind,ro \(plugin.dataFolder)")
    #expect(plugin.refusal("ADD", configuration, id: "c2").summary == "5 open \(plugin.dataFolder)/net/lock: Read-only file system")
    #expect(
      plugin.refusal("STATUS", configuration).summary
        == "50 addresses cannot be leased: create a file in \(plugin.dataFolder)/net: Read-only file system")
    #expect(
      plugin.refusal("STATUS", configuration.with("name", "new")).summary
        == "50 addresses cannot be leased: create a file in \(plugin.dataFolder): Read-only file system")
    #expect(plugin.refusal("DEL", configuration).summary.hasPrefix("5 "))
    try plugin.expect("CHECK", configuration.with("prevResult", result))
  }

  @Test("leaves nothing half done when the disk is full, and can release then", .networkNamespace)
  func diskFull() throws {
    try Command.run("mount -t tmpfs -o size=64k,nr_inodes=32 none \(plugin.dataFolder)")
    defer { _ = try? Command.run("umount -l \(plugin.dataFolder)") }
    let configuration = plugin.configuration(["ranges": [[["subnet": "10.0.0.0/24"]], [["subnet": "fd00::/64"]]]])
    var leased: [String] = []
    while plugin.run("ADD", configuration, id: "c\(leased.count)").exitCode == 0, leased.count < 100 { leased.append("c\(leased.count)") }
    #expect((1..<100).contains(leased.count))
    let before = try FileSystem.names(in: "\(plugin.dataFolder)/net").sorted()
    let refusal = #expect(throws: Refusal.self) { _ = try plugin.add(configuration, id: "late") }
    #expect(
      refusal?.summary.hasPrefix("5 create \(plugin.dataFolder)/net") == true
        && refusal?.summary.hasSuffix("No space left on device") == true)
    #expect(try FileSystem.names(in: "\(plugin.dataFolder)/net").sorted() == before)
    // One address needs less room than two: STATUS is only sure when there is none at all.
    _ = try Command.attempt(["sh", "-c", "cd \(plugin.dataFolder); i=0; while (: > f$i); do i=$((i+1)); done"])
    #expect(plugin.refusal("STATUS", configuration).summary.hasSuffix("No space left on device"))
    for id in leased { try plugin.expect("DEL", configuration, id: id) }
    #expect(try plugin.leases() == [])
    _ = try plugin.add(configuration)
  }
}
