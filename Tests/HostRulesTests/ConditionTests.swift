import Addresses
import HostRules
import Linux
import TestSupport
import Testing

@Suite("Conditions of published ports", .networkNamespace)
struct ConditionTests {
  private let web = Examples.subnets("10.1.0.5/24", "fd00:1::5/64")

  private func publication(_ ports: [String], _ conditions: [(IPAddress.Family, String)]) throws -> Concern {
    .publication(
      Publication(containers: web, ports: ports.map(Examples.port), conditions: try conditions.map { try Condition($0.0, $0.1) }))
  }

  /// The rules of the chains that belong to the container `web`.
  private func gates() throws -> [String] {
    try Command.run("nft list table inet swift_cni").text.split(separator: "chain ").filter { $0.hasPrefix("if") }.flatMap { chain in
      chain.split(separator: "\n").dropFirst().filter { !$0.contains("comment") && !$0.contains("}") }.map { $0.trimming() }.filter {
        !$0.isEmpty
      }
    }
  }

  @Test(
    "a condition means what nft reads in it",
    arguments: [
      "ip saddr 192.0.2.0/24", "ip saddr != 192.0.2.7", "ip saddr 192.0.2.3-192.0.2.9", "ip daddr != 192.0.2.3-192.0.2.9",
      "iifname \"eth0\"",
      "iifname != eth0", "iifname \"eth*\"", "meta iifname != \"eth*\"", "tcp sport 1024-65535", "udp dport != 53", "th dport 53",
      "meta mark 0x10",
      "mark != 7", "ct mark 9", "meta l4proto tcp", "meta l4proto != udp", "sctp sport != 5-7",
      "ip saddr == 10.0.0.0/8  tcp\tsport 99 iifname x",
      "ip saddr 0.0.0.0/0",
    ])
  func meansTheSame(text: String) throws {
    var rules = try HostRules()
    try rules.add([publication(["tcp 8080 80"], [(.v4, text)])], for: Examples.owner("web"))
    try Command.run("nft add table inet other")
    try Command.run("nft add chain inet other c")
    try Command.run("nft -f -", input: "add rule inet other c \(text) return\n")
    let theirs = try Command.run("nft list chain inet other c").text.split(separator: "\n").dropFirst(2).first?.trimming()
    let ours = try gates()
    #expect(ours.count == 2 && ours.first == theirs && ours.last == "accept")
    let listing = try Command.run("nft list ruleset").text
    try Command.run("nft flush ruleset")
    try Command.run("nft -f -", input: listing)
    #expect(try Command.run("nft list ruleset").text == listing)
  }

  @Test("one of a list is an alternative, none of a list is more to hold")
  func lists() throws {
    var rules = try HostRules()
    let text = "ip saddr { 192.0.2.1, 10.0.0.0/8 } iifname {\"a\",b} tcp sport != { 1, 5-7 }"
    try rules.add([publication(["tcp 8080 80"], [(.v4, text), (.v6, "ip6 saddr { fd00::/8 }")])], for: Examples.owner("web"))
    #expect(
      try gates().sorted()
        == [
          "accept", "accept", "ip saddr 192.0.2.1 iifname \"a\" tcp sport != 1 tcp sport != 5-7 return",
          "ip saddr 192.0.2.1 iifname \"b\" tcp sport != 1 tcp sport != 5-7 return",
          "ip saddr 10.0.0.0/8 iifname \"a\" tcp sport != 1 tcp sport != 5-7 return",
          "ip saddr 10.0.0.0/8 iifname \"b\" tcp sport != 1 tcp sport != 5-7 return", "ip6 saddr fd00::/8 return",
        ].sorted())
  }

  @Test(
    "what is not understood is refused, naming the word",
    arguments: [
      ("", ""), ("ip", ""), ("ip saddr", ""), ("ip saddr fd00::1", "fd00::1"), ("ip saddr 192.0.2.9-192.0.2.3", "192.0.2.9-192.0.2.3"),
      ("ip6 saddr fd00::1", "ip6"), ("ip saddr 1.2.3.4 drop", "drop"), ("oifname eth0", "oifname"), ("ip ttl 5", "ttl"),
      ("tcp dport +5", "+5"),
      ("tcp dport 65536", "65536"), ("tcp dport 9-5", "9-5"), ("iifname \"\"", "\"\""), ("iifname \"a", "\"a"), ("ip saddr { 1.2.3.4", ""),
      ("ip saddr { 1.2.3.4; }", "1.2.3.4;"), ("ip saddr { }", "}"), ("ip saddr @set", "@set"),
      ("ip saddr 1.2.3.4\nadd table x", "1.2.3.4\nadd"),
      ("iifname aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"), ("meta skuid 0", "skuid"), ("ip saddr ! 1.2.3.4", "!"), ("ip saddr < 1.2.3.4", "<"),
    ])
  func refuses(text: String, word: String) {
    let error = #expect(throws: ConditionError.self) { try Condition(.v4, text) }
    #expect(error?.word == word)
  }

  @Test("too many combinations are refused")
  func tooMany() {
    let list = "{ " + (1...17).map { "10.0.0.\($0)" }.joined(separator: ", ") + " }"
    #expect(throws: ConditionError.self) { try Condition(.v4, "ip saddr \(list) ip daddr \(list)") }
    #expect(throws: Never.self) { try Condition(.v4, "ip saddr \(list) ip daddr 10.0.0.1") }
  }

  @Test("only packets for which it holds use the ports, and other attachments' ports are not concerned")
  func packets() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers = try [80, 5001].map { try world.serve(.web, .tcp, $0) }, other = try world.serve(.stranger, .tcp, 80)
    let server6 = try world.serve(.web, .tcp, 80, family: .v6), owner = Examples.owner("web")
    let ports = ["tcp 8080 80", "tcp 5000-5009 5000", "tcp 192.0.2.1 8081 80", "tcp 192.0.2.1 8080 80", "tcp 127.0.0.1 8082 80"]
    let wish = try publication(ports, [(.v4, "ip saddr { 192.0.2.2, 10.1.0.0/24 }")])
    try rules.add([wish], for: owner)
    try rules.add([Examples.publication(["tcp 9090 80"], at: Examples.subnets("10.2.0.5/24"))], for: Examples.owner("stranger"))
    for port in [8080, 5001, 8081] {
      #expect(try world.ask(.remote, .tcp, "192.0.2.1", UInt16(port)) == "192.0.2.2")
      #expect(try world.isSilent(.host, .tcp, "192.0.2.1", UInt16(port)))
    }
    #expect(try world.isSilent(.host, .tcp, "127.0.0.1", 8082))
    #expect(try world.ask(.host, .tcp, "192.0.2.1", 9090) == "192.0.2.1")
    #expect(try world.ask(.host, .tcp, "fd00:9::1", 8080) == "fd00:9::1")
    #expect(try rules.verify([wish], of: owner) == [])
    try rules.add([Examples.publication(ports, at: web)], for: owner)
    #expect(try world.ask(.host, .tcp, "192.0.2.1", 8080) == "192.0.2.1")
    #expect(try gates() == [])
    withExtendedLifetime((servers, other, server6)) {}
  }

  @Test("what a condition needs is checked, restored, collected and removed with the ports")
  func upkeep() throws {
    var rules = try HostRules()
    let owner = Examples.owner("web"), other = Examples.owner("other")
    let wish = try publication(["tcp 8080 80"], [(.v4, "ip saddr 192.0.2.2"), (.v6, "iifname eth0")])
    let wider = try publication(["tcp 8080 80"], [(.v4, "ip saddr 192.0.2.0/24")])
    try rules.add([wish], for: owner)
    let before = try gates()
    try Command.run("nft flush table inet swift_cni")
    #expect(try rules.verify([wish], of: owner).contains { $0.contains("chain inet swift_cni if_") })
    try rules.restore()
    #expect(try rules.verify([wish], of: owner) == [] && gates() == before)
    try Command.run("nft flush ruleset")
    try rules.add([Examples.publication(["tcp 8081 80"], at: Examples.subnets("10.1.0.9/24"))], for: other)
    #expect(try rules.verify([wish], of: owner) == [])
    try rules.add([wider], for: owner)
    #expect(try gates() == ["ip saddr 192.0.2.0/24 return", "accept"] && rules.verify([wider], of: owner) == [])
    #expect(try rules.concerns(of: owner) == [wider])
    for removal in 0..<3 {
      try rules.add([wish], for: owner)
      if removal == 0 { try Command.run("rm -r /run/cni/swift-cni") }
      if removal == 2 { try rules.collectGarbage(network: "net", keeping: [other]) } else { try rules.remove(of: owner) }
      #expect(try gates() == [] && Examples.elements("conditional") == "")
    }
  }
}

extension Substring {
  /// Without blanks at both ends.
  fileprivate func trimming() -> String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
