import JSON
import Linux
import TestSupport
import Testing

@Suite("firewall: links between containers that are kept apart", .networkNamespace)
struct FirewallLinkTests {
  private let host: FirewallHost
  private let network = FirewallLinkTests.list(links: [])

  init() throws { host = try FirewallHost() }

  /// An isolated network on which a container is linked to ports of others, named as `c1`, `c2`… in the order of their ADD.
  private static func list(links: [(container: String, ports: [(String, Int64)])]) -> JSONValue {
    let list = FirewallHost.list("a", 71, policy: "isolated")
    var firewall = list["plugins"].elements[1].with("capabilities", ["links": true])
    if !links.isEmpty {
      let values = links.map { link -> JSONValue in
        ["containerID": .string(link.container), "ports": .array(link.ports.map { ["port": .integer($0.1), "protocol": .string($0.0)] })]
      }
      firewall = firewall.with("runtimeConfig", ["links": .array(values)])
    }
    return list.with("plugins", [list["plugins"].elements[0], firewall])
  }

  /// Whether a port of a container answers another one, in both families.
  private func isOpen(
    _ port: UInt16, over transport: Conversation.Transport = .tcp, of server: FirewallHost.Attached, to client: FirewallHost.Attached
  ) -> Bool {
    server.addresses.allSatisfy { Conversation.works(transport, from: client.container, to: $0, port, server: server.container, port) }
  }

  /// Whether it answers in none of them.
  private func isClosed(
    _ port: UInt16, over transport: Conversation.Transport = .tcp, of server: FirewallHost.Attached, to client: FirewallHost.Attached
  ) -> Bool {
    server.addresses.allSatisfy { Conversation.fails(transport, from: client.container, to: $0, port, server: server.container, port) }
  }

  @Test("a link opens the target's ports to the linking container, and nothing else in either direction")
  func opensExactly() throws {
    let db = try host.attach(network), web = try host.attach(Self.list(links: [("c1", [("tcp", 3306), ("udp", 53)])]))
    let other = try host.attach(network)
    #expect(isOpen(3306, of: db, to: web))
    #expect(isOpen(53, over: .udp, of: db, to: web))
    #expect(isClosed(3307, of: db, to: web))
    #expect(isClosed(3306, over: .udp, of: db, to: web))
    #expect(isClosed(3306, of: web, to: db))
    #expect(isClosed(3306, of: db, to: other))
    #expect(isClosed(3306, of: web, to: other))
    #expect(try FirewallHost.reaches(web, db) == false && FirewallHost.reaches(db, web) == false)
    for attached in [db, web, other] { try attached.expect("CHECK") }
    // The link is elements with their owner, and no rule.
    let map = try Command.run("nft list map inet swift_cni linked").text
    #expect(map.contains("10.71.0.3 . 10.71.0.2 . tcp . 3306 comment \"a/c2/eth0\" : accept"))
    #expect(try !Command.run("nft list chain inet swift_cni forward").text.contains("10.71"))
  }

  @Test("the target sees the linking container's own address, and the host and other hosts are reached as before")
  func addresses() throws {
    let db = try host.attach(network), web = try host.attach(Self.list(links: [("c1", [("tcp", 3306)])]))
    for (address, source) in zip(db.addresses, web.addresses) {
      #expect(try Conversation(from: web.container, to: address, 3306, server: db.container, 3306).client == source)
    }
    for gateway in ["10.71.0.1", "fd00:71::1"] { try web.container.run { try Command.run("ping -c 1 -W 60 \(gateway)") } }
    let lan = try SecondHost()
    for (address, source) in [("192.0.2.2", "192.0.2.1"), ("fd00:2::2", "fd00:2::1")] {
      #expect(try Conversation(from: web.container, to: address, 5000, server: lan.namespace, 5000).client == source)
    }
  }

  @Test("a link may come before its target, follows it to a new address, and goes when one of the two goes")
  func follows() throws {
    let web = try host.attach(Self.list(links: [("c2", [("tcp", 80)])]))
    #expect(try !FirewallHost.elements().contains("linked"))
    let db = try host.attach(network)
    #expect(isOpen(80, of: db, to: web))
    try db.expect("DEL")
    #expect(try !FirewallHost.elements().contains("linked"))
    try web.expect("CHECK")
    // Somebody else gets the address, and is not linked by that.
    let stranger = try host.attach(network)
    let again = try Attached.attach(db.runner, network)
    #expect(again.addresses != db.addresses)
    #expect(isOpen(80, of: again, to: web) && isClosed(80, of: stranger, to: web))
    try web.expect("DEL")
    #expect(try !FirewallHost.elements().contains("linked"))
    for attached in [again, stranger] { try attached.expect("DEL") }
    #expect(try FirewallHost.elements() == "")
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("CHECK says what is missing, GC removes the links of the lost, and a restored table has them again")
  func upkeep() throws {
    let db = try host.attach(network), web = try host.attach(Self.list(links: [("c1", [("tcp", 80)])]))
    try Command.run("nft delete element inet swift_cni linked { 10.71.0.3 . 10.71.0.2 . tcp . 80 }")
    for attached in [db, web] {
      let said = try attached.firewall("CHECK")
      #expect(try said.status == 1 && said.json["msg"].string.contains("of map linked is missing"), "\(said)")
    }
    // A repeated ADD of either end heals it.
    #expect(try db.firewall("ADD").status == 0)
    #expect(isOpen(80, of: db, to: web))
    try db.container.run { try Command.run("ip route del 10.71.0.0/17") }
    #expect(try db.firewall("CHECK").json["msg"].string.contains("route 10.71.0.0/17 via 10.71.0.1 is missing"))
    #expect(try db.firewall("ADD").status == 0)
    try Command.run("nft flush ruleset")
    let third = try host.attach(network)
    #expect(isOpen(80, of: db, to: web))
    for attached in [db, web, third] { try attached.expect("CHECK") }
    let valid: JSONValue = [["containerID": "c2", "ifname": "eth0"], ["containerID": "c3", "ifname": "eth0"]]
    try web.runner.expect("GC", web.firewall.with("cni.dev/valid-attachments", valid), in: nil)
    #expect(try !FirewallHost.elements().contains("linked"))
    try web.expect("CHECK")
  }

  @Test("a policy that keeps nobody apart needs no links, and without the capability there are none")
  func elsewhere() throws {
    let open = FirewallHost.list("b", 72, policy: "same-bridge")
    let firewall = open["plugins"].elements[1].with("capabilities", ["links": true])
      .with("runtimeConfig", ["links": [["containerID": "c1", "ports": [["port": 80]]]]])
    _ = try host.attach(network)
    _ = try host.attach(open.with("plugins", [open["plugins"].elements[0], firewall]))
    let plain = try host.attach(FirewallHost.list("a", 71, policy: "isolated"))
    #expect(try !FirewallHost.elements().contains("linked"))
    #expect(try plain.container.run { try Command.run("ip route").text.split(separator: "\n").count } == 2)
  }
}

private enum Attached {
  /// Attaches a container that was attached before, under its old name.
  static func attach(_ runner: PluginRunner, _ list: JSONValue) throws -> FirewallHost.Attached {
    let container = try TestNamespace()
    return FirewallHost.Attached(runner: runner, list: list, container: container, result: try runner.add(list: list, in: container))
  }
}
