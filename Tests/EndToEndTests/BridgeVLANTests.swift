import JSON
import TestSupport
import Testing

/// Whether the running kernel keeps the frames of a bridge to their VLANs.
private let knowsVLANs =
  (try? Command.attempt(["unshare", "-n", "ip", "link", "add", "br7", "type", "bridge", "vlan_filtering", "1"]).status) == 0

@Suite(
  "bridge: VLANs", .networkNamespace,
  .enabled(if: knowsVLANs, "this kernel has no VLANs on bridges; `make test-vm` runs one that has"))
struct BridgeVLANTests {
  private let runner: PluginRunner
  private let container: TestNamespace

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
  }

  /// A network in a VLAN of the bridge that all share, with addresses of its own in a subnet that all share.
  private func network(_ vlan: Int?, range: Int) -> JSONValue {
    let network: JSONValue = [
      "cniVersion": "1.1.0", "name": .string("net\(range)"), "type": "bridge", "bridge": "cni0",
      "ipam": ["type": "host-local", "subnet": "10.88.0.0/16", "rangeStart": .string("10.88.\(range).10")],
    ]
    return vlan.map { network.with("vlan", .integer(Int64($0))) } ?? network
  }

  /// The VLANs of a port as bridge(8) shows them: `5 PVID Egress Untagged`.
  private func vlans(of port: String) throws -> [String] {
    try Command.run("bridge -j vlan show dev \(port)").json.elements.flatMap { $0["vlans"].elements }.map { entry in
      ([entry["vlan"].text] + entry["flags"].elements.map(\.string)).joined(separator: " ")
    }
  }

  private func pings(_ address: String, from place: TestNamespace) throws -> Bool {
    try place.run { try Command.attempt(["ping", "-c", "1", "-W", "1", address]).status == 0 }
  }

  @Test(
    "the port is in its VLAN alone unless the default one is kept, and in those of the trunk",
    arguments: [
      (#"{"vlan": 5}"#, ["5 PVID Egress Untagged"]),
      (#"{"vlan": 5, "preserveDefaultVlan": true}"#, ["1 Egress Untagged", "5 PVID Egress Untagged"]),
      (#"{"vlan": 5, "vlanTrunk": [{"id": 20}, {"minID": 10, "maxID": 12}]}"#, ["5 PVID Egress Untagged", "10", "11", "12", "20"]),
      (#"{"vlanTrunk": [{"minID": 10, "maxID": 12}]}"#, ["1 PVID Egress Untagged", "10", "11", "12"]),
      (#"{"vlan": 5, "vlanTrunk": [{"minID": 4, "maxID": 6}]}"#, ["4", "5 PVID Egress Untagged", "6"]),
      (#"{"vlan": 1}"#, ["1 PVID Egress Untagged"]),
    ])
  func ports(keys: String, expected: [String]) throws {
    var configuration = network(nil, range: 0)
    guard case .object(let wishes) = try JSONValue.parse(keys) else { return }
    for wish in wishes.members { configuration = configuration.with(wish.name, wish.value) }
    let result = try runner.add(configuration, in: container)
    #expect(try vlans(of: result["interfaces"].elements[1]["name"].string) == expected)
    #expect(try Command.run("ip -j -d link show cni0").json.elements[0]["linkinfo"]["info_data"]["vlan_filtering"].integer == 1)
    #expect(try runner.run("CHECK", configuration.with("prevResult", result), in: container).status == 0)
  }

  @Test("containers reach each other within a VLAN and not across, also when a network without VLAN joins the bridge")
  func separates() throws {
    var runner = runner
    let same = try TestNamespace(), other = try TestNamespace(), none = try TestNamespace()
    for (id, place, configuration) in [
      ("c1", container, network(5, range: 1)), ("c2", same, network(5, range: 2)), ("c3", other, network(6, range: 3)),
      ("c4", none, network(nil, range: 4)),
    ] {
      runner.containerID = id
      _ = try runner.add(configuration, in: place)
    }
    #expect(try pings("10.88.2.10", from: container))
    #expect(try !pings("10.88.3.10", from: container))
    #expect(try !pings("10.88.4.10", from: container))
    #expect(try !pings("10.88.4.10", from: other))
  }

  @Test("a gateway lives in the VLAN, is shared by its containers, and is not reached from another VLAN")
  func gateway() throws {
    var runner = runner
    let configuration = network(5, range: 1).with("isDefaultGateway", true)
    let result = try runner.add(configuration, in: container)
    let interfaces = result["interfaces"].elements.map { $0["name"].string }
    #expect([interfaces[0]] + interfaces.dropFirst(2) == ["cni0", "eth0", "cni0.5"])
    #expect(try Command.run("ip -o -4 addr show cni0.5").text.contains("10.88.0.1/16"))
    #expect(try !Command.run("ip -o -4 addr show cni0").text.contains("10.88.0.1"))
    #expect(try pings("10.88.0.1", from: container))
    let links = try Command.run("ip -j link").json.elements.count
    let second = try TestNamespace(), other = try TestNamespace()
    runner.containerID = "c2"
    _ = try runner.add(configuration, in: second)
    #expect(try pings("10.88.0.1", from: second))
    #expect(try Command.run("ip -j link").json.elements.count == links + 1)
    runner.containerID = "c3"
    _ = try runner.add(network(6, range: 3), in: other)
    #expect(try !pings("10.88.0.1", from: other))
  }

  @Test("a container reaches the VLANs of its trunk with tagged frames")
  func trunk() throws {
    var runner = runner
    _ = try runner.add(network(5, range: 1).with("vlanTrunk", [["id": 10]]), in: container)
    try container.run {
      try Command.run("ip link add link eth0 name tagged type vlan id 10")
      try Command.run("ip addr add 10.99.0.1/24 dev tagged")
      try Command.run("ip link set tagged up")
    }
    let inside = try TestNamespace(), outside = try TestNamespace()
    for (id, place, vlan) in [("c2", inside, 10), ("c3", outside, 11)] {
      runner.containerID = id
      _ = try runner.add(network(vlan, range: vlan), in: place)
      try place.run { try Command.run("ip addr add 10.99.0.\(vlan)/24 dev eth0") }
    }
    #expect(try pings("10.99.0.10", from: container))
    #expect(try !pings("10.99.0.11", from: container))
  }

  @Test(
    "CHECK names what is wrong with a port's VLANs",
    arguments: [
      ("bridge vlan del dev PORT vid 5", "does not have VLAN 5 as its native one"),
      ("bridge vlan add dev PORT vid 5", "does not have VLAN 5 as its native one"),
      ("bridge vlan del dev PORT vid 11", "is not in VLAN 11"),
      ("bridge vlan add dev PORT vid 1", "is still in VLAN 1"),
      ("ip link set cni0 type bridge vlan_filtering 0", "bridge cni0 has VLAN filtering off"),
    ])
  func checks(change: String, message: String) throws {
    let configuration = network(5, range: 1).with("vlanTrunk", [["minID": 10, "maxID": 12]])
    let result = try runner.add(configuration, in: container), port = result["interfaces"].elements[1]["name"].string
    try Command.run(change.split(separator: " ").map { $0 == "PORT" ? port : String($0) }.joined(separator: " "))
    let output = try runner.run("CHECK", configuration.with("prevResult", result), in: container)
    #expect(output.status == 1)
    #expect(try output.json["msg"].string.hasSuffix(message), "\(output)")
  }

  @Test("DEL takes the container's link, and what is left is the bridge and the VLAN's gateway")
  func deletes() throws {
    let configuration = network(5, range: 1).with("isGateway", true)
    _ = try runner.add(configuration, in: container)
    #expect(try runner.run("DEL", configuration, in: container).status == 0)
    let names = try Command.run("ip -j link").json.elements.map { $0["ifname"].string }
    #expect(names.filter { !$0.hasPrefix("veth") }.sorted() == ["cni0", "cni0.5", "lo"])
    #expect(names.count == 4)
    #expect(try container.run { try Command.run("ip -j link").json.elements.count } == 1)
  }
}
