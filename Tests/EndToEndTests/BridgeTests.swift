import JSON
import TestSupport
import Testing

/// A network on a bridge as the tests use it; everything is inside the test's own namespaces.
enum BridgeNetwork {
  static let dualStack: JSONValue = [
    "cniVersion": "1.1.0", "name": "net", "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true,
    "ipam": ["type": "host-local", "ranges": [[["subnet": "10.88.0.0/16"]], [["subnet": "fd00:88::/64"]]]],
  ]

  /// The network with an IPv4 range only.
  static let ipv4 = dualStack.with("ipam", ["type": "host-local", "subnet": "10.88.0.0/16"])
  /// The IPv4 addresses that are in use, in every network.
  static func leases() throws -> [String] {
    let names = try Command.attempt(["find", "/var/lib/cni", "-name", "10.*"]).text
    return names.split(separator: "\n").map(String.init)
  }

  /// A network without addresses.
  static let layer2 = dualStack.without("ipam").without("isDefaultGateway").without("ipMasq")
}

@Suite("bridge", .networkNamespace)
struct BridgeTests {
  private let runner: PluginRunner
  private let container: TestNamespace

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
  }

  private func hostLinks() throws -> [JSONValue] { try Command.run("ip -j -d link").json.elements }
  private func leases() throws -> [String] { try BridgeNetwork.leases() }
  private func inside(_ line: String) throws -> String { try container.run { try Command.run(line).text } }

  @Test("attaches with both families, and the kernel agrees with the result")
  func dualStack() throws {
    let result = try runner.add(BridgeNetwork.dualStack, in: container)
    let interfaces = result["interfaces"].elements
    #expect(
      interfaces.map { $0["name"].string }.enumerated().allSatisfy { $0.offset == 1 || ["cni0", "", "eth0"][$0.offset] == $0.element })
    #expect(interfaces[1]["name"].string.wholeMatch(of: /veth[0-9a-f]{8}/) != nil)
    #expect(interfaces.map { $0["mtu"].integer } == [1500, 1500, 1500])
    #expect(interfaces.map { $0["sandbox"] } == [nil, nil, .string(container.path)])
    #expect(
      result["ips"] == [
        ["address": "10.88.0.2/16", "gateway": "10.88.0.1", "interface": 2],
        ["address": "fd00:88::2/64", "gateway": "fd00:88::1", "interface": 2],
      ])
    #expect(result["routes"] == [["dst": "0.0.0.0/0", "gw": "10.88.0.1"], ["dst": "::/0", "gw": "fd00:88::1"]])

    let links = try hostLinks()
    #expect(links.map { $0["ifname"].string } == ["lo", "cni0", interfaces[1]["name"].string])
    #expect(links[1]["address"] == interfaces[0]["mac"] && links[1]["operstate"] == "UP")
    #expect(links[2]["address"] == interfaces[1]["mac"] && links[2]["master"] == "cni0" && links[2]["operstate"] == "UP")
    #expect(links[2]["ifalias"] == "net/c1/eth0")
    #expect(links[1]["address"] != links[2]["address"])
    #expect(try inside("ip -o link show eth0").contains(interfaces[2]["mac"].string))
    let addresses = try inside("ip -o addr show eth0")
    #expect(addresses.contains("10.88.0.2/16") && addresses.contains("fd00:88::2/64") && addresses.contains("fe80::"))
    #expect(!addresses.contains("tentative"))
    #expect(try inside("ip route").contains("default via 10.88.0.1"))
    #expect(try inside("ip -6 route").contains("default via fd00:88::1"))
    try container.run {
      try Command.run("ping -c 1 -W 60 10.88.0.1")
      try Command.run("ping -c 1 -W 60 fd00:88::1")
    }
    for file in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] { #expect(try Command.run("cat /proc/sys/net/\(file)").text == "1\n") }
  }

  @Test("CHECK passes after ADD, DEL leaves the bridge and nothing else, and both can be repeated")
  func lifeCycle() throws {
    let network = BridgeNetwork.dualStack
    for _ in 0..<2 {
      let result = try runner.add(network, in: container)
      try runner.expect("CHECK", network.with("prevResult", result), in: container)
      try runner.expect("DEL", network.with("prevResult", result), in: container)
      #expect(try hostLinks().map { $0["ifname"].string } == ["lo", "cni0"])
      #expect(try inside("ip -o link").split(separator: "\n").count == 1)
      try runner.expect("DEL", network, in: container)
    }
  }

  @Test("every version of the specification works", arguments: ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
  func versions(version: String) throws {
    let network = BridgeNetwork.ipv4.with("cniVersion", .string(version))
    let output = try runner.run("ADD", network, in: container)
    #expect(output.status == 0 && output.text.contains(version < "0.3.0" ? "\"ip\":" : "\"interfaces\":"), "\(output)")
    #expect(output.text.contains("\"version\":") == (version >= "0.3.0" && version < "1.0.0"))
    #expect(output.text.contains("\"mtu\":") == (version == "1.1.0"))
    let result = try output.json
    #expect(result["cniVersion"].string == version)
    if version >= "0.4.0" {
      try runner.expect("CHECK", network.with("prevResult", result), in: container)
    } else {
      let check = try runner.run("CHECK", network.with("prevResult", result), in: container)
      #expect(try check.json["msg"] == "config version does not allow CHECK")
    }
    try runner.expect("DEL", network, in: container)
  }

  @Test("a network without addresses: the link is up, gateway flags are ignored")
  func layer2() throws {
    let network = BridgeNetwork.layer2
    let result = try runner.add(network, in: container)
    #expect(result["ips"].elements.isEmpty)
    #expect(try inside("ip -o link show up eth0").contains("LOWER_UP"))
    #expect(try !Command.run("ip -o -4 addr show cni0").text.contains("inet"))
    try runner.expect("CHECK", network.with("prevResult", result), in: container)
    try runner.expect("DEL", network, in: container)
    #expect(try hostLinks().count == 2)
  }

  @Test("a result without addresses cannot be said in version 0.2.0, but DEL removes the link")
  func layer2InOldVersion() throws {
    let network = BridgeNetwork.layer2.with("cniVersion", "0.2.0")
    let output = try runner.run("ADD", network, in: container)
    #expect(try output.status == 1 && output.json["msg"] == "cannot convert: no valid IP addresses")
    try runner.expect("DEL", network, in: container)
    #expect(try hostLinks().count == 2)
  }

  @Test("disableContainerInterface leaves the interface down and without any IPv6 address")
  func interfaceDown() throws {
    let network = BridgeNetwork.layer2.with("disableContainerInterface", true)
    let result = try runner.add(network, in: container)
    #expect(try inside("ip -o link show up").isEmpty)
    #expect(try inside("ip -o addr show eth0").isEmpty)
    try runner.expect("CHECK", network.with("prevResult", result), in: container)
    let refused = try runner.run("ADD", BridgeNetwork.ipv4.with("disableContainerInterface", true), in: container)
    #expect(try refused.json["msg"].string.contains("cannot use IPAM when DisableContainerInterface flag is set"))
  }

  @Test(
    "the MAC address comes from the capability, then args, then CNI_ARGS",
    arguments: [
      (true, true, "02:00:00:00:00:01"), (false, true, "02:00:00:00:00:02"), (false, false, "02:00:00:00:00:03"),
    ])
  func macAddress(capability: Bool, argument: Bool, expected: String) throws {
    var runner = runner
    runner.arguments = "IgnoreUnknown=1;K8S_POD_NAME=x;MAC=02:00:00:00:00:03"
    var network = BridgeNetwork.ipv4
    if argument { network = network.with("args", ["cni": ["mac": "02:00:00:00:00:02"]]) }
    if capability { network = network.with("runtimeConfig", ["mac": "02:00:00:00:00:01"]) }
    let result = try runner.add(network, in: container)
    #expect(result["interfaces"][2]["mac"].string == expected)
    #expect(try inside("ip -o link show eth0").contains(expected))
  }

  @Test("mtu, hairpin mode, isolation and promiscuity are as configured", arguments: [false, true])
  func linkSettings(enabled: Bool) throws {
    let network = BridgeNetwork.ipv4.with("mtu", 1400).with("portIsolation", .bool(enabled))
      .with(enabled ? "hairpinMode" : "promiscMode", true)
    let result = try runner.add(network, in: container)
    let links = try hostLinks()
    #expect(links[1]["mtu"] == 1400 && links[2]["mtu"] == 1400)
    #expect(try inside("ip -o link show eth0").contains("mtu 1400"))
    #expect(links[2]["linkinfo"]["info_slave_data"]["hairpin"] == .bool(enabled))
    #expect(links[2]["linkinfo"]["info_slave_data"]["isolated"] == .bool(enabled))
    #expect(links[1]["flags"].elements.contains("PROMISC") == !enabled)
    try runner.expect("CHECK", network.with("prevResult", result), in: container)
    // The next container's configuration decides for the bridge.
    _ = try runner.add(BridgeNetwork.ipv4.with("promiscMode", .bool(enabled)), in: container)
    #expect(try hostLinks()[1]["flags"].elements.contains("PROMISC") == enabled)
  }

  @Test("a bridge that exists is used, and keeps its MAC address while ports come and go", arguments: [false, true])
  func existingBridge(hasAlias: Bool) throws {
    try Command.run("ip link add cni0 type bridge")
    if hasAlias { try Command.run("ip link set cni0 alias mine") }
    let before = try hostLinks()[1]
    let result = try runner.add(BridgeNetwork.ipv4, in: container)
    let after = try hostLinks()[1]
    #expect(after["ifindex"] == before["ifindex"] && after["address"] == before["address"])
    #expect(result["interfaces"][0]["mac"] == after["address"])
    #expect(!hasAlias || after["ifalias"] == "mine")
    try runner.expect("DEL", BridgeNetwork.ipv4, in: container)
    #expect(try hostLinks()[1]["address"] == before["address"])
  }

  @Test("a name that belongs to something else is refused, and nothing is left behind")
  func notABridge() throws {
    try Command.run("ip link add cni0 type veth peer name other")
    let output = try runner.run("ADD", BridgeNetwork.ipv4, in: container)
    #expect(try output.json["msg"].string == "cni0 already exists but is not a bridge, it is a veth")
    #expect(try hostLinks().count == 3)
    #expect(try leases().isEmpty)
  }

  @Test("another address on the bridge is refused, or replaced by force")
  func otherAddress() throws {
    try Command.run("ip link add cni0 type bridge")
    try Command.run("ip addr add 10.99.0.1/24 dev cni0")
    let output = try runner.run("ADD", BridgeNetwork.ipv4, in: container)
    #expect(try output.json["msg"].string == "\"cni0\" already has an IP address different from 10.88.0.1/16")
    #expect(try Command.run("ip -o -4 addr show cni0").text.contains("10.99.0.1/24"))
    #expect(try hostLinks().count == 2 && leases().isEmpty)
    _ = try runner.add(BridgeNetwork.ipv4.with("forceAddress", true), in: container)
    let addresses = try Command.run("ip -o -4 addr show cni0").text
    #expect(addresses.contains("10.88.0.1/16") && !addresses.contains("10.99.0.1"))
  }

  @Test("IPv6 networks stand side by side on a bridge unless they overlap")
  func otherIPv6Address() throws {
    try Command.run("ip link add cni0 type bridge")
    try Command.run("ip addr add fd00:99::1/64 dev cni0 nodad")
    _ = try runner.add(BridgeNetwork.dualStack, in: container)
    try runner.expect("DEL", BridgeNetwork.dualStack, in: container)
    try Command.run("ip addr add fd00:88::77/80 dev cni0 nodad")
    try Command.run("ip addr del fd00:88::1/64 dev cni0")
    let output = try runner.run("ADD", BridgeNetwork.dualStack, in: container)
    #expect(try output.json["msg"].string.contains("already has an IP address different from fd00:88::1/64"))
  }

  @Test("several networks of one family get a gateway each")
  func severalNetworks() throws {
    let network = BridgeNetwork.ipv4.with(
      "ipam", ["type": "host-local", "ranges": [[["subnet": "10.1.0.0/24"]], [["subnet": "10.2.0.0/24"]]]])
    for id in ["c1", "c2"] {
      var runner = runner
      runner.containerID = id
      _ = try runner.add(network, in: TestNamespace())
    }
    let addresses = try Command.run("ip -o -4 addr show cni0").text
    #expect(addresses.contains("10.1.0.1/24") && addresses.contains("10.2.0.1/24"))
  }

  @Test("an interface of that name that is not ours is refused, and stays")
  func interfaceExists() throws {
    try container.run { try Command.run("ip link add eth0 type bridge") }
    let output = try runner.run("ADD", BridgeNetwork.ipv4, in: container)
    #expect(try output.json["msg"].string == "interface eth0 already exists in the container")
    #expect(try inside("ip -o -d link show eth0").contains("bridge"))
    #expect(try hostLinks().count == 1 && leases().isEmpty)
  }

  @Test("a second ADD of the same attachment replaces what the first one made")
  func addAgain() throws {
    _ = try runner.add(BridgeNetwork.ipv4, in: container)
    let result = try runner.add(BridgeNetwork.ipv4, in: container)
    try runner.expect("CHECK", BridgeNetwork.ipv4.with("prevResult", result), in: container)
    #expect(try hostLinks().count == 3)
    #expect(try leases().count == 1)
  }

  @Test("DEL without a namespace removes the host's side", arguments: ["", "/run/netns/missing"])
  func deleteWithoutNamespace(path: String) throws {
    _ = try runner.add(BridgeNetwork.ipv4, in: container)
    #expect(try runner.run("DEL", BridgeNetwork.ipv4, netns: path).status == 0)
    #expect(try hostLinks().count == 2)
    #expect(try leases().isEmpty)
  }

  @Test("dns of the network replaces that of IPAM")
  func dns() throws {
    try Command.run("tee /run/resolv.conf", input: "nameserver 192.0.2.1\nsearch example.org\n")
    let network = BridgeNetwork.ipv4.with("ipam", ["type": "host-local", "subnet": "10.88.0.0/16", "resolvConf": "/run/resolv.conf"])
    #expect(try runner.add(network, in: container)["dns"] == ["nameservers": ["192.0.2.1"], "search": ["example.org"]])
    let replaced = try runner.add(network.with("dns", ["nameservers": ["192.0.2.9"]]), in: container)
    #expect(replaced["dns"] == ["nameservers": ["192.0.2.9"]])
  }

  @Test("a missing IPAM plugin leaves nothing behind, and a retry succeeds")
  func missingIPAM() throws {
    let output = try runner.run("ADD", BridgeNetwork.ipv4.with("ipam", ["type": "nope"]), in: container)
    #expect(try output.json["msg"].string == "failed to find plugin \"nope\" in path [\(runner.folder)]")
    #expect(try hostLinks().count == 1)
    _ = try runner.add(BridgeNetwork.ipv4, in: container)
  }
}
