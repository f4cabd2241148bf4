import Addresses
import HostRules
import NFTables
import Rulesets
import TestSupport
import Testing

@Suite("rulesets of others", .networkNamespace)
struct RulesetViewTests {
  /// What Debian's docker.io 20.10 makes with one container that publishes a port.
  static let docker = [
    "-t nat -N DOCKER", "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
    "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
    "-t nat -A DOCKER -i docker0 -j RETURN",
    "-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80", "-P FORWARD DROP", "-N DOCKER",
    "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -o docker0 -j DOCKER", "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT", "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
    "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT", "-A DOCKER-USER -j RETURN",
  ]

  private let lan = Packet.Interface(name: "lan0", index: 2)
  private let bridge = Packet.Interface(name: "docker0", index: 3)

  private func load(_ rules: [String]) throws -> RulesetView {
    for rule in rules { try Command.run("iptables-nft \(rule)") }
    return try RulesetView()
  }

  private func packet(_ transport: TransportProtocol, from source: String, to destination: String, _ port: UInt16) throws -> Packet {
    var packet = try Packet(transport, from: #require(IPAddress(source)), to: #require(IPAddress(destination)), port, input: lan)
    packet.localAddresses = [try #require(IPAddress("192.0.2.1"))]
    return packet
  }

  @Test("Docker's translation is followed to the container, and its policy drops what no rule accepts")
  func dockerForwarding() throws {
    let view = try load(Self.docker)
    var arriving = try view.evaluate(packet(.tcp, from: "192.0.2.2", to: "192.0.2.1", 8080), at: .prerouting)
    #expect(arriving.passes && arriving.packet.destination.description == "172.17.0.2" && arriving.packet.destinationPort == 80)
    arriving.packet.output = bridge
    #expect(view.evaluate(arriving.packet, at: .forward).passes)
    arriving.packet.destinationPort = 81
    let refused = view.evaluate(arriving.packet, at: .forward)
    #expect(refused.outcome == .dropped && refused.decision?.rule == nil && refused.decision?.chain.title == "ip filter FORWARD")
    arriving.packet.state = .established
    #expect(view.evaluate(arriving.packet, at: .forward).passes)
    var leaving = try packet(.tcp, from: "172.17.0.2", to: "192.0.2.2", 443)
    leaving.output = lan
    #expect(view.evaluate(leaving, at: .postrouting).disguise == .disguised(nil))
  }

  @Test("rules of iptables are said in the words of nft")
  func words() throws {
    let view = try load(Self.docker + ["-A DOCKER-USER -p udp -m multiport --dports 53,5000:5010 -m comment --comment why -j REJECT"])
    let nat = Table(.ipv4, "nat"), filter = Table(.ipv4, "filter")
    let words = { (table: Table, chain: String) in view.chain(table, chain)?.rules.map { view.words($0, in: table) } ?? [] }
    #expect(words(nat, "PREROUTING") == ["fib daddr type local jump DOCKER"])
    #expect(words(nat, "DOCKER") == ["iifname docker0 return", "iifname != docker0 tcp dport 8080 dnat to 172.17.0.2:80"])
    #expect(words(filter, "FORWARD")[1] == "oifname docker0 ct state established,related accept")
    #expect(words(filter, "DOCKER-USER")[1] == "udp dport { 53, 5000-5010 } reject")
    #expect(view.chain(filter, "DOCKER-USER")?.rules[1].comment == "why")
    #expect(view.chains.allSatisfy { $0.rules.allSatisfy { $0.opaque.isEmpty } })
  }

  @Test("a hand-written table is evaluated with its sets, intervals, maps and priorities")
  func nativeTable() throws {
    try Command.run(
      "nft -f -",
      input: """
        table inet mine {
          set trusted { type ipv4_addr; flags interval; elements = { 192.0.2.2, 198.51.100.0/24 } }
          map ports { type inet_service : ipv4_addr . inet_service; elements = { 8081 : 10.0.0.5 . 81 } }
          chain pre { type nat hook prerouting priority dstnat; dnat ip to tcp dport map @ports; }
          chain late { type filter hook forward priority 10; policy drop; ip daddr 10.0.0.5 tcp dport { 80-81, 443 } jump inner; }
          chain inner { ip saddr @trusted ct state new counter accept; ip saddr 203.0.113.9 reject with tcp reset; }
          chain early { type filter hook forward priority -10; meta l4proto udp drop; }
        }
        """)
    let view = try RulesetView()
    let outcome = { (transport: TransportProtocol, source: String) in
      var packet = try view.evaluate(packet(transport, from: source, to: "192.0.2.1", 8081), at: .prerouting).packet
      packet.output = bridge
      return view.evaluate(packet, at: .forward)
    }
    #expect(try outcome(.tcp, "192.0.2.2").passes)
    #expect(try outcome(.tcp, "198.51.100.255").passes)
    #expect(try outcome(.tcp, "198.51.101.0").outcome == .dropped)
    #expect(try outcome(.tcp, "203.0.113.9").outcome == .rejected("reject with tcp reset"))
    #expect(try outcome(.udp, "192.0.2.2").decision?.chain.name == "early")
    let table = Table(.inet, "mine")
    #expect(
      view.chain(table, "late")?.rules.map { view.words($0, in: table) } == ["ip daddr 10.0.0.5 tcp dport { 80-81, 443 } jump inner"])
    #expect(view.chain(table, "inner")?.rules.map { view.words($0, in: table) }.first == "ip saddr @trusted ct state new accept")
  }

  @Test("what is not understood makes the answer uncertain instead of wrong")
  func opaque() throws {
    let view = try load([
      "-A FORWARD -m string --string x --algo bm -j DROP", "-A FORWARD -p tcp --dport 99 -m string --string x --algo bm -j DROP",
    ])
    var packet = try packet(.tcp, from: "192.0.2.2", to: "172.17.0.2", 80)
    packet.output = bridge
    let evaluation = view.evaluate(packet, at: .forward)
    #expect(evaluation.passes && evaluation.uncertain.map { $0.rule?.opaque } == [["string"]])
  }

  @Test(
    "published ports of others are found, in whatever way they are written",
    arguments: [
      (Self.docker, ["tcp 0.0.0.0:8080 172.17.0.2:80 docker"]),
      (
        [
          "-t nat -N CNI-HOSTPORT-DNAT", "-t nat -N CNI-DN-1", "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
          "-t nat -A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 8080,8081 -j CNI-DN-1",
          "-t nat -A CNI-DN-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80",
          "-t nat -A CNI-DN-1 -d 127.0.0.1/32 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 10.1.0.2:81",
        ], ["tcp 0.0.0.0:8080 10.1.0.2:80 cni", "tcp 127.0.0.1:8081 10.1.0.2:81 cni"]
      ),
      (
        [
          "-t nat -N NETAVARK-HOSTPORT-DNAT", "-t nat -N NETAVARK-DN-1",
          "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT",
          "-t nat -A NETAVARK-HOSTPORT-DNAT -p udp --dport 53 -j NETAVARK-DN-1",
          "-t nat -A NETAVARK-DN-1 -p udp --dport 53 -j DNAT --to-destination 10.88.0.2:5353",
        ], ["udp 0.0.0.0:53 10.88.0.2:5353 podman"]
      ),
    ])
  func publishedPorts(_ rules: [String], _ expected: [String]) throws {
    let ports = try load(rules).foreignPorts()
    #expect(ports.map { "\($0.port) \($0.container):\($0.port.containerPort) \($0.maker ?? "-")" } == expected)
  }

  @Test("ports that nft publishes are found behind verdict maps, in maps and in rules, for both IP versions")
  func nativePublishedPorts() throws {
    try Command.run(
      "nft -f -",
      input: """
        table inet web {
          map targets { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 8080 : 10.0.0.2 . 80, udp . 53 : 10.0.0.3 . 5353 } }
          chain pre { type nat hook prerouting priority dstnat; dnat ip to meta l4proto . th dport map @targets; tcp dport vmap { 8443 : jump tls }; }
          chain tls { meta l4proto tcp dnat ip6 to [fd00::2]:443; }
        }
        """)
    let ports = try RulesetView().foreignPorts()
    #expect(
      ports.map { "\($0.port) \($0.container) \($0.port.containerPort)" } == [
        "udp 0.0.0.0:53 10.0.0.3 5353", "tcp 0.0.0.0:8080 10.0.0.2 80", "tcp [::]:8443 fd00::2 443",
      ])
  }

  @Test("tables of the old iptables are told of, since their rules cannot be seen")
  func legacy() throws {
    try #require(try RulesetView().legacyTables == [])
    // Where the kernel has no such tables there is nothing to tell.
    guard try Command.attempt(["iptables-legacy", "-t", "filter", "-S"]).status == 0 else { return }
    #expect(try RulesetView().legacyTables == ["ip filter"])
  }
}
