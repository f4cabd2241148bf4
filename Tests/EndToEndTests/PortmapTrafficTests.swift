import JSON
import TestSupport
import Testing

@Suite("portmap: what packets see", .networkNamespace)
struct PortmapTrafficTests {
  private let host: PortmapHost

  init() throws { host = try PortmapHost() }

  /// Who the server sees when a port is asked for; otherwise why there is no answer.
  private func client(
    _ transport: Conversation.Transport = .tcp, from client: TestNamespace?, _ address: String, _ port: UInt16,
    _ server: PortmapContainer, _ serverPort: UInt16
  ) -> String {
    do { return try Conversation(transport, from: client, to: address, port, server: server.namespace, serverPort).client } catch {
      return "nobody: \(error)"
    }
  }

  /// Whether nobody answers, for no other reason than that.
  private func isSilent(
    _ transport: Conversation.Transport = .tcp, from client: TestNamespace?, _ address: String, _ port: UInt16,
    _ server: PortmapContainer, _ serverPort: UInt16
  ) -> Bool {
    let reason = self.client(transport, from: client, address, port, server, serverPort)
    return ["Connection refused", "Operation now in progress", "Resource temporarily unavailable", "was not asked"].contains {
      reason.hasPrefix("nobody: ") && reason.contains($0)
    }
  }

  @Test(
    "a published port is reached from everywhere, and the server sees who a remote client is", arguments: Conversation.Transport.allCases)
  func everywhere(transport: Conversation.Transport) throws {
    let web = try host.container(5), sibling = try host.container(6), stranger = try host.container(7, at: 2)
    let mapping = ["\(transport.rawValue) 8080:80"]
    try web.add(mapping)
    try web.expect("CHECK", mapping)
    // Where: the address asked for, and the client's address that the server sees.
    let rows: [(from: TestNamespace?, to: String, sees: String)] = [
      (host.lan.namespace, "192.0.2.1", "192.0.2.2"), (host.lan.namespace, "fd00:2::1", "fd00:2::2"),
      (nil, "192.0.2.1", "192.0.2.1"), (nil, "10.1.0.1", "10.1.0.1"), (nil, "fd00:2::1", "fd00:2::1"),
      (nil, "127.0.0.1", "10.1.0.1"), (nil, "127.0.0.77", "10.1.0.1"),
      (web.namespace, "192.0.2.1", "10.1.0.1"), (web.namespace, "10.1.0.1", "10.1.0.1"), (web.namespace, "fd00:2::1", "fd00:11::1"),
      (sibling.namespace, "192.0.2.1", "10.1.0.1"), (sibling.namespace, "10.1.0.1", "10.1.0.1"),
      (sibling.namespace, "fd00:2::1", "fd00:11::1"),
      (stranger.namespace, "192.0.2.1", "10.2.0.7"), (stranger.namespace, "10.1.0.1", "10.2.0.7"),
      (stranger.namespace, "fd00:2::1", "fd00:12::7"),
    ]
    for row in rows { #expect(client(transport, from: row.from, row.to, 8080, web, 80) == row.sees, "to \(row.to) from \(row.sees)") }
    #expect(isSilent(transport, from: host.lan.namespace, "192.0.2.1", 8081, web, 80))
    try web.expect("DEL", mapping)
    #expect(isSilent(transport, from: host.lan.namespace, "192.0.2.1", 8080, web, 80))
    #expect(try host.elements() == [])
  }

  @Test("what is published on 127.0.0.1 is for the host alone")
  func loopbackOnly() throws {
    let web = try host.container(5)
    try web.add(["tcp 127.0.0.1 8080:80"])
    #expect(client(from: nil, "127.0.0.1", 8080, web, 80) == "10.1.0.1")
    #expect(isSilent(from: nil, "192.0.2.1", 8080, web, 80))
    for address in ["192.0.2.1", "10.1.0.1"] { #expect(isSilent(from: host.lan.namespace, address, 8080, web, 80)) }
    // A neighbour that sends packets for 127.0.0.1 here: to the wire, and to the bridge, where route_localnet is on.
    let sibling = try host.container(6)
    for (attacker, router) in [(host.lan.namespace, "192.0.2.1"), (sibling.namespace, "10.1.0.1")] {
      try attacker.run {
        try Command.run("sysctl -qw net.ipv4.conf.all.route_localnet=1")
        try Command.run("ip addr flush dev lo")
        try Command.run("ip route add 127.0.0.0/8 via \(router)")
      }
      #expect(isSilent(from: attacker, "127.0.0.1", 8080, web, 80))
    }
  }

  @Test("a port on one address of the host is not on the others")
  func singleAddress() throws {
    let web = try host.container(5), other = try host.container(6)
    try web.add(["tcp 192.0.2.1 8080:80", "tcp fd00:2::1 8080:80"])
    try other.add(["tcp 10.1.0.1 8080:80"])
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2")
    #expect(client(from: host.lan.namespace, "fd00:2::1", 8080, web, 80) == "fd00:2::2")
    #expect(isSilent(from: nil, "127.0.0.1", 8080, web, 80))
    #expect(client(from: host.lan.namespace, "10.1.0.1", 8080, other, 80) == "192.0.2.2")
    #expect(try host.setting("ipv4/conf/cni1/route_localnet") == "0")
  }

  @Test("0.0.0.0 and :: are all addresses of one family")
  func anyAddress() throws {
    let web = try host.container(5)
    try web.add(["tcp 0.0.0.0 8080:80", "tcp :: 8081:80"])
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2")
    #expect(isSilent(from: host.lan.namespace, "fd00:2::1", 8080, web, 80))
    #expect(client(from: host.lan.namespace, "fd00:2::1", 8081, web, 80) == "fd00:2::2")
    #expect(isSilent(from: host.lan.namespace, "192.0.2.1", 8081, web, 80))
  }

  @Test("route_localnet is on where a port needs it, and nowhere else")
  func routeLocalnet() throws {
    let web = try host.container(5), other = try host.container(6, at: 2), third = try host.container(7, at: 2, families: [6])
    try other.add(["tcp 8081:80"], ["snat": false])
    try third.add(["tcp 8082:80"])
    #expect(try host.setting("ipv4/conf/cni2/route_localnet") == "0")
    try web.add(["tcp 8080:80"])
    #expect(try host.setting("ipv4/conf/cni1/route_localnet") == "1")
    for interface in ["cni2", "lan0", "all", "default", "lo"] { #expect(try host.setting("ipv4/conf/\(interface)/route_localnet") == "0") }
    try Command.run("sysctl -qw net.ipv4.conf.cni1.route_localnet=0")
    #expect(try web.error("CHECK", ["tcp 8080:80"]).text == "route_localnet of cni1 is not 1")
  }

  @Test("snat false keeps every source address, masqAll none")
  func sources() throws {
    let web = try host.container(5), stranger = try host.container(7, at: 2)
    try web.add(["tcp 8080:80"], ["masqAll": true])
    try web.expect("CHECK", ["tcp 8080:80"], ["masqAll": true])
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "10.1.0.1")
    #expect(client(from: host.lan.namespace, "fd00:2::1", 8080, web, 80) == "fd00:11::1")
    #expect(client(from: stranger.namespace, "192.0.2.1", 8080, web, 80) == "10.1.0.1")
    #expect(client(from: web.namespace, "192.0.2.1", 8080, web, 80) == "10.1.0.1")
    try web.add(["tcp 8080:80"], ["snat": false])
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2")
    #expect(client(from: nil, "192.0.2.1", 8080, web, 80) == "192.0.2.1")
    #expect(isSilent(from: web.namespace, "192.0.2.1", 8080, web, 80))
    try web.add(["tcp 8080:80"], ["snat": false, "masqAll": true])
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2")
    for (snat, fails) in [(false, false), (true, true)] {
      let output = try web.runner.run(
        "CHECK", web.chained(PortmapContainer.configuration(["tcp 8080:80"], ["snat": .bool(snat)])), in: web.namespace)
      #expect((output.status != 0) == fails)
    }
  }

  @Test("ranges: equal numbers are one element, shifted ones lead to the right port", arguments: [0, 1000])
  func ranges(shift: Int) throws {
    let web = try host.container(5)
    let mappings = (0..<100).map { "tcp \(20000 + $0):\(20000 + shift + $0)" }
    try web.add(mappings)
    try web.expect("CHECK", mappings)
    for port: UInt16 in [20000, 20042, 20099] {
      #expect(client(from: host.lan.namespace, "192.0.2.1", port, web, port + UInt16(shift)) == "192.0.2.2")
      #expect(client(from: nil, "127.0.0.1", port, web, port + UInt16(shift)) == "10.1.0.1")
    }
    #expect(isSilent(from: host.lan.namespace, "192.0.2.1", 20100, web, 20100))
    // Per family: the ports, and two elements for the source address.
    #expect(try host.elements().count == 2 * ((shift == 0 ? 1 : 100) + 2))
    try web.expect("DEL", mappings)
    #expect(try host.elements() == [])
  }

  @Test("a container without IPv6 is published on IPv4 alone, and the other way round", arguments: [4, 6])
  func oneFamily(family: Int) throws {
    let web = try host.container(5, families: [family])
    try web.add(["tcp 8080:80"])
    #expect((client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2") == (family == 4))
    #expect((client(from: host.lan.namespace, "fd00:2::1", 8080, web, 80) == "fd00:2::2") == (family == 6))
    #expect(isSilent(from: host.lan.namespace, family == 4 ? "fd00:2::1" : "192.0.2.1", 8080, web, 80))
  }

  @Test("conditions in the language of nft restrict the ports of their own attachment alone, in their own family")
  func conditions() throws {
    let web = try host.container(5), other = try host.container(6), stranger = try host.container(7, at: 2)
    let conditions: JSONValue = ["conditionsV4": ["ip", "saddr", "192.0.2.0/24"], "conditionsV6": ["iifname != \"lan0\""]]
    let mappings = ["tcp 8080:80", "tcp 5000:5000", "tcp 5001:5001"]
    try web.add(mappings, conditions)
    try other.add(["tcp 8081:80"])
    try web.expect("CHECK", mappings, conditions)
    #expect(client(from: host.lan.namespace, "192.0.2.1", 8080, web, 80) == "192.0.2.2")
    #expect(client(from: host.lan.namespace, "192.0.2.1", 5001, web, 5001) == "192.0.2.2")
    #expect(isSilent(from: stranger.namespace, "192.0.2.1", 8080, web, 80) && isSilent(from: nil, "127.0.0.1", 8080, web, 80))
    #expect(client(from: stranger.namespace, "192.0.2.1", 8081, other, 80) == "10.2.0.7")
    #expect(client(from: stranger.namespace, "fd00:2::1", 8080, web, 80) == "fd00:12::7")
    #expect(isSilent(from: host.lan.namespace, "fd00:2::1", 8080, web, 80))
    #expect(client(from: host.lan.namespace, "fd00:2::1", 8081, other, 80) == "fd00:2::2")
    // As strict as the configuration says, and no stricter.
    #expect(throws: PortmapContainer.Unexpected.self) { _ = try web.error("CHECK", mappings, conditions) }
    #expect(try web.error("CHECK", mappings, ["conditionsV4": ["ip", "saddr", "192.0.2.3"]]).text.contains("chain"))
    try Command.run("nft flush ruleset")
    try other.add(["tcp 8081:80"])
    try web.expect("CHECK", mappings, conditions)
    try web.expect("DEL", mappings, conditions)
    #expect(try !Command.run("nft list ruleset").text.contains("192.0.2.0/24"))
  }
}
