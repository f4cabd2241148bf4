import JSON
import Linux
import TestSupport
import Testing

@Suite("macvlan", .networkNamespace)
struct MacvlanTests {
  private static let network: JSONValue = [
    "cniVersion": "1.1.0", "name": "lan", "type": "macvlan", "master": "lan0",
    "ipam": [
      "type": "host-local",
      "ranges": [[["subnet": "192.0.2.0/24", "rangeStart": "192.0.2.16"]], [["subnet": "fd00:2::/64", "rangeStart": "fd00:2::16"]]],
    ],
  ]
  private static let layer2 = network.without("ipam")

  private let runner: PluginRunner
  private let container: TestNamespace
  private let neighbor: SecondHost

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
    neighbor = try SecondHost()
  }

  private func link(_ name: String = "eth0") throws -> JSONValue {
    try container.run { try Command.run("ip -j -d link show \(name)").json[0] }
  }

  @Test("a container is a machine on the master's network: reached from another one, and reaching it, with both families")
  func reaches() throws {
    let before = try World(container: container, folders: ["/run/cni"])
    let result = try runner.add(MacvlanTests.network, in: container)
    let link = try link()
    #expect(
      result["interfaces"] == [["name": "eth0", "mac": link["address"], "mtu": link["mtu"], "sandbox": .string(container.path)]])
    #expect(link["linkinfo"]["info_kind"] == "macvlan" && link["linkinfo"]["info_data"]["mode"] == "bridge")
    #expect(link["ifalias"] == "lan/c1/eth0")
    #expect(result["ips"].elements.map { $0["interface"].integer } == [0, 0])
    #expect(Conversation.works(from: neighbor.namespace, to: "192.0.2.16", 80, server: container, 80))
    #expect(Conversation.works(.udp, from: container, to: "192.0.2.2", 53, server: neighbor.namespace, 53))
    #expect(Conversation.works(from: neighbor.namespace, to: "fd00:2::16", 80, server: container, 80))
    #expect(Conversation.works(from: container, to: "fd00:2::2", 80, server: neighbor.namespace, 80))
    try runner.expect("CHECK", MacvlanTests.network.with("prevResult", result), in: container)
    for _ in 1...2 { try runner.expect("DEL", MacvlanTests.network, in: container) }
    #expect(try FileSystem.names(in: "/var/lib/cni/networks/lan").allSatisfy { !$0.hasPrefix("192.") && !$0.hasPrefix("fd00") })
    // The kernel goes on setting up IPv6 on the cables for a while.
    let changes = try World(container: container, folders: ["/run/cni"]).changes(since: before).filter { !$0.contains(" -6 route show ") }
    #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
  }

  @Test("MTU, mode, queue and MAC address are those asked for, and a name that the host has is no obstacle")
  func properties() throws {
    try Command.run("ip link add eth0 type veth peer name other")
    var configuration = MacvlanTests.layer2.with("mode", "private").with("mtu", 1400).with("bcqueuelen", 77).with(
      "mac", "02:00:00:00:00:01")
    configuration = configuration.with("runtimeConfig", ["mac": "02:00:00:00:00:07"])
    let result = try runner.add(configuration, in: container)
    let link = try link()
    #expect(link["address"] == "02:00:00:00:00:07" && result["interfaces"][0]["mac"] == "02:00:00:00:00:07")
    #expect(link["mtu"] == 1400 && link["flags"].elements.contains("UP"))
    #expect(link["linkinfo"]["info_data"]["mode"] == "private" && link["linkinfo"]["info_data"]["bcqueuelen"] == 77)
    try runner.expect("CHECK", configuration.with("prevResult", result), in: container)
    let other = try runner.run("CHECK", configuration.with("prevResult", result).with("mode", "vepa"), in: container)
    #expect(other.status == 1 && other.text.contains("interface eth0 has mode private, not vepa"), "\(other)")
    try runner.expect("DEL", configuration, in: container)
    #expect(try container.run { try Command.attempt(["ip", "link", "show", "eth0"]) }.status != 0)
    #expect(try Command.attempt(["ip", "link", "show", "eth0"]).status == 0)
  }

  @Test("without a master it is the link with the default route, on the host or, with linkInContainer, in the container")
  func defaultMaster() throws {
    let configuration = MacvlanTests.layer2.without("master")
    let homeless = try runner.run("ADD", configuration, in: container)
    #expect(homeless.status == 1 && homeless.text.contains("no default route interface found"), "\(homeless)")
    try Command.run("ip route add default via 192.0.2.2")
    _ = try runner.add(configuration, in: container)
    #expect(try link()["link_index"] == Command.run("ip -j link show lan0").json[0]["ifindex"])
    try runner.expect("DEL", configuration, in: container)
    try container.run {
      try Command.run("ip link add up0 type veth peer name far")
      try Command.run("ip link set up0 up")
      try Command.run("ip route add default dev up0")
    }
    let inside = configuration.with("linkInContainer", true)
    let result = try runner.add(inside, in: container)
    #expect(try link()["link"] == "up0")
    try runner.expect("CHECK", inside.with("prevResult", result), in: container)
    try runner.expect("DEL", inside, in: container)
    #expect(try container.run { try Command.run("ip -j link").json.elements.count } == 3)
  }

  @Test("CHECK names what differs, STATUS a master that is gone")
  func differences() throws {
    let result = try runner.add(MacvlanTests.network, in: container)
    let configuration = MacvlanTests.network.with("prevResult", result)
    let changes = [
      ("ip addr del 192.0.2.16/24 dev eth0", "interface eth0 lacks address 192.0.2.16/24"),
      ("ip link set eth0 down", "interface eth0 is down"), ("ip link set eth0 address 02:00:00:00:00:09", "interface eth0 has MAC address"),
      ("ip link del eth0", "interface eth0 does not exist in the container"),
    ]
    for (change, words) in changes {
      try container.run { try Command.run(change) }
      let output = try runner.run("CHECK", configuration, in: container)
      #expect(output.status == 1 && output.text.contains(words), "\(output)")
    }
    try runner.expect("STATUS", MacvlanTests.network, in: nil)
    let gone = try runner.run("STATUS", MacvlanTests.network.with("master", "gone0"), in: nil)
    #expect(try gone.status == 1 && gone.json["code"].integer == 50 && gone.text.contains("master gone0 does not exist"), "\(gone)")
  }

  @Test("GC removes the interfaces of attachments that are not valid, and their addresses, and no others")
  func garbage() throws {
    var other = runner
    other.containerID = "c2"
    let second = try TestNamespace()
    _ = try (runner.add(MacvlanTests.network, in: container), other.add(MacvlanTests.network, in: second))
    let valid: JSONValue = [["containerID": "c2", "ifname": "eth0"]]
    try runner.expect("GC", MacvlanTests.network.with("cni.dev/valid-attachments", valid), in: nil)
    #expect(try container.run { try Command.attempt(["ip", "link", "show", "eth0"]) }.status != 0)
    #expect(try second.run { try Command.attempt(["ip", "link", "show", "eth0"]) }.status == 0)
    #expect(try FileSystem.names(in: "/var/lib/cni/networks/lan").filter { $0.hasPrefix("192.") } == ["192.0.2.17"])
    #expect(try FileSystem.names(in: "/run/cni/macvlan/lan") == ["c2:eth0"])
  }

  @Test("the world can be brought back from every point of ADD and DEL", arguments: ["ADD", "DEL"])
  func sweep(command: String) throws {
    let list: JSONValue = [
      "cniVersion": "1.1.0", "name": "sweep",
      "plugins": [["type": "macvlan", "master": "lan0", "ipam": ["type": "host-local", "subnet": "10.9.0.0/24"]]],
    ]
    let report = try FaultSweep(runner, list: list).run(command, recoveries: FaultSweep.Recovery.allCases, most: 40)
    #expect(report.points > 10)
    #expect(report.failures.isEmpty, "\(report.failures.prefix(10).joined(separator: "\n"))")
  }

  @Test(
    "refuses what cannot be, with the right code, and makes nothing",
    arguments: [
      Refusal(#""master":7"#, 6, "field master: expected a string"), Refusal(#""master":"gone0""#, 999, "master gone0 does not exist"),
      Refusal(#""mode":"router""#, 7, "unknown macvlan mode: \"router\""), Refusal(#""mode":[]"#, 6, "field mode: expected a string"),
      Refusal(#""mtu":"1500""#, 6, "field mtu: expected an integer"),
      Refusal(#""mtu":1600"#, 7, "invalid MTU 1600, must be [0, master MTU(1500)]"),
      Refusal(#""mtu":-100"#, 7, "invalid MTU -100, must be [0, master MTU(1500)]"),
      Refusal(#""bcqueuelen":-1"#, 7, "field bcqueuelen: expected 0 to 4294967295"),
      Refusal(#""linkInContainer":"yes""#, 6, "field linkInContainer: expected true or false"),
      Refusal(#""mac":"01:00:5e:00:00:01""#, 7, "field mac: expected the MAC address of a single station"),
      Refusal(#""ipam":{"type":"nope"}"#, 7, "failed to find plugin \"nope\""),
    ])
  func refuses(row: Refusal) throws {
    let before = try World(container: container)
    let keys = row.keys.hasPrefix("\"master\"") ? row.keys : #""master":"lan0","# + row.keys
    try row.with(\.keys, keys).with(\.isChained, false).expect(of: "macvlan", from: runner, in: container, after: nil)
    // The kernel goes on setting up IPv6 on the cables for a while.
    let changes = try World(container: container).changes(since: before).filter { !$0.contains(" -6 route show ") }
    #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
  }
}
