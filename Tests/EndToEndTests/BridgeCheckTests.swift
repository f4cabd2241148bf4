import JSON
import TestSupport
import Testing

@Suite("bridge: CHECK, GC and concurrency", .networkNamespace)
struct BridgeCheckTests {
  private let runner: PluginRunner
  private let container: TestNamespace

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
  }

  /// A fault, by the command that makes it: inside the container if it begins with "in ".
  private static let faults = [
    ("in ip addr del 10.88.0.2/16 dev eth0", "lacks address 10.88.0.2/16"),
    ("in ip route del default", "lacks route 0.0.0.0/0 via 10.88.0.1"),
    ("in ip -6 route del default", "lacks route ::/0 via fd00:88::1"),
    ("in ip link set eth0 down", "interface eth0 is down"),
    ("in ip link set eth0 address 02:00:00:00:00:99", "has MAC address 02:00:00:00:00:99"),
    ("in ip link set eth0 mtu 1400", "has MTU 1400"),
    ("in ip link set eth0 name eth9", "interface eth0 does not exist"),
    ("ip link set VETH nomaster", "is not a port of bridge cni0"),
    ("ip link set VETH down", "is down"),
    ("ip link set VETH type bridge_slave hairpin on", "has hairpin mode on"),
    ("ip link set cni0 down", "bridge cni0 is down"),
    ("ip link set cni0 address 02:00:00:00:00:99", "bridge cni0 has MAC address"),
    ("ip link set cni0 promisc on", "bridge cni0 is promiscuous"),
    ("ip link del cni0", "bridge cni0 does not exist"),
  ]

  @Test("CHECK names what differs", arguments: faults)
  func check(fault: String, words: String) throws {
    let network = BridgeNetwork.dualStack
    let result = try runner.add(network, in: container)
    let checked = network.with("prevResult", result)
    try runner.expect("CHECK", checked, in: container)
    let command = fault.replacing("VETH", with: result["interfaces"][1]["name"].string)
    if command.hasPrefix("in ") { try container.run { try Command.run(String(command.dropFirst(3))) } } else { try Command.run(command) }
    let output = try runner.run("CHECK", checked, in: container)
    #expect(try output.status == 1 && output.json["msg"].string.contains(words), "\(output)")
  }

  @Test("CHECK needs a previous result, and one of this container")
  func previousResult() throws {
    let network = BridgeNetwork.ipv4
    #expect(try runner.run("CHECK", network, in: container).json["msg"] == "Required prevResult missing")
    let result = try runner.add(network, in: container), other = try TestNamespace()
    let output = try runner.run("CHECK", network.with("prevResult", result), in: other)
    #expect(
      try output.json["msg"].string == "Sandbox in prevResult \(container.path) doesn't match configured netns: \(other.path)")
  }

  @Test("GC removes the links and addresses of attachments that are not listed, and touches nothing else")
  func garbage() throws {
    var containers: [TestNamespace] = []
    for id in ["c1", "c2", "c3"] {
      containers.append(try TestNamespace())
      try attach(id, BridgeNetwork.ipv4, containers[containers.count - 1])
    }
    containers.append(try TestNamespace())
    let other = BridgeNetwork.ipv4.with("name", "other").with("bridge", "cni1").with(
      "ipam", ["type": "host-local", "subnet": "10.89.0.0/16"])
    try attach("c1", other, containers[3])
    try runner.expect(
      "GC", BridgeNetwork.ipv4.with("cni.dev/valid-attachments", [["containerID": "c2", "ifname": "eth0"]]), in: nil)
    let aliases = try Command.run("ip -j link").json.elements.compactMap { $0["ifalias"] == nil ? nil : $0["ifalias"].string }
    #expect(Set(aliases) == ["swift-cni bridge", "net/c2/eth0", "other/c1/eth0"])
    #expect(try BridgeNetwork.leases().count == 2)
    withExtendedLifetime(containers) {}
  }

  @Test("64 parallel ADDs make 64 different addresses, and parallel DELs remove everything")
  func parallel() throws {
    let count = 64
    let containers = try (0..<count).map { _ in try TestNamespace() }
    func all(_ command: String) throws -> [String] {
      let script = containers.enumerated().map { number, container in
        "CNI_COMMAND=\(command) CNI_CONTAINERID=p\(number) CNI_NETNS=\(container.path) CNI_IFNAME=eth0 CNI_PATH=\(runner.folder) "
          + "\(runner.folder)/bridge < /run/network.json > /run/out.\(number) 2>&1 || echo failed \(number) &"
      }.joined(separator: "\n")
      try Command.run("tee /run/network.json", input: BridgeNetwork.ipv4.text)
      let output = try Command.run("sh -s", input: script + "\nwait\n")
      #expect(output.text.isEmpty, "\(output)")
      return try (0..<count).map { try Command.run("cat /run/out.\($0)").text }
    }
    let results = try all("ADD").map { try JSONValue.parse($0)["ips"][0]["address"].string }
    #expect(Set(results).count == count)
    _ = try all("DEL")
    #expect(try Command.run("ip -j link").json.elements.map { $0["ifname"].string } == ["lo", "cni0"])
    #expect(try BridgeNetwork.leases().isEmpty)
  }

  private func attach(_ id: String, _ network: JSONValue, _ container: TestNamespace) throws {
    var runner = runner
    runner.containerID = id
    _ = try runner.add(network, in: container)
  }
}
