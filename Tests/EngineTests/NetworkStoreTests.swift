import Addresses
import CNI
import Engine
import JSON
import Linux
import TestSupport
import Testing

@Suite("networks", .networkNamespace)
struct NetworkStoreTests {
  private let host: NetworkedHost

  init() throws { host = try NetworkedHost() }

  private func refusal(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  @Test("a network is a list that any runtime can use, and is found by name, by ID and by the beginning of its ID")
  func create() throws {
    let network = try host.network("apart") { $0.options = ["icc=false", "mtu=1400"] }
    for word in ["apart", network.id, String(network.id.prefix(5))] { #expect(try host.networks.network(named: word).id == network.id) }
    let list = try NetworkFolder("/run/net.d").network(named: "apart")
    #expect(list.plugins.map(\.type) == ["bridge", "portmap", "firewall"])
    #expect(list.plugins[0].json["mtu"] == 1400 && list.plugins[2].json["ingressPolicy"] == "isolated")
    let runner = try PluginRunner(), container = try TestNamespace()
    let result = try runner.add(list: .object(list.json), in: container)
    #expect(result["ips"].elements.first?["address"].string == "172.18.0.2/16")
    try runner.expect("DEL", list: .object(list.json), result: result, in: container)
    try host.networks.remove("apart")
    #expect(try !Command.run("ip -br link").text.contains("br-"))
    #expect(try FileSystem.names(in: "/run/net.d").isEmpty && FileSystem.names(in: "/var/lib/cni/networks").isEmpty)
  }

  @Test("the default network is made when it is first wanted, and called bridge")
  func defaultNetwork() throws {
    #expect(try host.networks.networks().isEmpty)
    let network = try host.networks.network(named: "bridge")
    #expect(network.list.name == "containers" && network.isDefault && network.bridge == "cni0")
    #expect(refusal { try host.networks.remove("bridge") } == "bridge is a pre-defined network and cannot be removed")
  }

  @Test("a free subnet overlaps no route of the host and no other network")
  func freeSubnet() throws {
    try Command.run("ip link add up0 type veth peer name up1")
    try Command.run("ip addr add 172.18.5.1/24 dev up0")
    try Command.run("ip link set up0 up")
    try Command.run("ip route add 172.20.0.0/14 dev up0")
    #expect(try host.network("a").pools.map(\.subnet.description) == ["172.19.0.0/16"])
    #expect(try host.network("b").pools.map(\.subnet.description) == ["172.24.0.0/16"])
    let six = try host.network("c") { $0.hasIPv6 = true }.pools
    #expect(six.count == 2 && six[1].subnet.prefixLength == 64 && six[1].subnet.description.hasPrefix("fd"))
  }

  @Test(
    "what cannot be is refused in docker's words",
    arguments: [
      Mistake({ $0.name = "a/b" }, "invalid network name \"a/b\""), Mistake({ $0.name = "host" }, "predefined host network"),
      Mistake({ $0.name = "taken" }, "network with name taken already exists"),
      Mistake({ $0.subnets = [Subnet("10.5.1.0/24")!] }, "pool overlaps with 10.5.0.0/16 of network taken"),
      Mistake({ $0.subnets = [Subnet("10.6.0.0/31")!] }, "room for a gateway"),
      Mistake({ $0.gateways = [IPAddress("10.9.0.1")!] }, "no matching subnet for gateway 10.9.0.1"),
      Mistake({ $0.ranges = [Subnet("10.9.0.0/24")!] }, "no matching subnet for range 10.9.0.0/24"),
      Mistake({ $0.options = ["mtu=5"] }, "option mtu: expected 68 to 65535, got \"5\""),
      Mistake({ $0.options = ["icc=perhaps"] }, "option icc: expected true or false, got \"perhaps\""),
      Mistake({ $0.options = ["mut=5"] }, "did you mean mtu"),
    ] as [Mistake<NetworkOptions>])
  func refuses(mistake: Mistake<NetworkOptions>) throws {
    try host.network("taken") { $0.subnets = [Subnet("10.5.0.0/16")!] }
    let said = refusal { try host.network("new", mistake.describe) }
    #expect(said.contains(mistake.words), "\(said)")
    #expect(try host.networks.networks().count == 1)
  }

  @Test("an unknown network is answered with names that are like it, one in use is not removed, and others' lists stay")
  func findingAndRemoving() throws {
    try host.network("front")
    #expect(refusal { _ = try host.networks.network(named: "fornt") } == "network fornt not found (did you mean front?)")
    let web = try host.start("web") { $0.options.networks = ["front"] }
    let said = refusal { try host.networks.remove("front") }
    #expect(said.contains("has active endpoints (name:\"web\" id:\"\(web.id.prefix(12))\")"), "\(said)")
    try web.detach()
    try host.networks.remove("front")
    let list =
      #"{"cniVersion":"1.0.0","name":"theirs","plugins":[{"type":"bridge","bridge":"br9","ipam":{"type":"host-local","subnet":"10.9.0.0/24"}}]}"#
    try FileSystem.create("/run/net.d/50-theirs.conflist", content: Array(list.utf8))
    #expect(refusal { try host.networks.remove("theirs") }.contains("was not made by berth; its list is the file"))
    let guest = try host.start("guest") { $0.options.networks = ["theirs"] }
    #expect(guest.addresses == ["10.9.0.2"])
  }
}
