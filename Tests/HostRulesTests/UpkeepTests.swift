import Addresses
import Glibc
import HostRules
import Linux
import TestSupport
import Testing

@Suite("Checking, collecting and restoring host rules", .networkNamespace)
struct UpkeepTests {
  private let addresses = Examples.subnets("10.1.0.5/24", "fd00::5/64")

  private func wishes(_ addresses: [Subnet], _ number: Int) -> [Concern] {
    [
      .masquerade(addresses), .isolation(Isolation(.sameBridge, bridge: "br0")),
      Examples.publication(
        ["tcp \(8000 + number) 80", "tcp 127.0.0.1 80 80", "udp \(5000 + 10 * number)-\(5009 + 10 * number) \(5000 + 10 * number)"].filter {
          number == 1 || !$0.contains("127")
        }, at: addresses),
      .spoofCheck(SpoofCheck(port: "veth\(number)", address: MACAddress(value: 0x0200_0000_0000 + UInt64(number)))),
    ]
  }

  @Test(
    "what is missing or differs is named",
    arguments: [
      ("delete element inet swift_cni published { tcp . 8001 }", "element tcp . 8001 : 10.1.0.5 . 80 of map published is missing"),
      (
        "delete element inet swift_cni published_range6 { udp . 5010-5019 }",
        "element udp . 5010 - udp . 5019 : fd00::5 of map published_range6 is missing"
      ),
      (
        "delete element inet swift_cni masquerade_from { 10.1.0.5 }",
        "element 10.1.0.5 : jump masquerade_24 of map masquerade_from is missing"
      ),
      ("flush set inet swift_cni isolated_bridges", "element \"br0\" of set isolated_bridges is missing"),
      ("flush set inet swift_cni single_address_ports", "element ipv4 . tcp . 80 . 0x00000000 of set single_address_ports is missing"),
      ("flush chain inet swift_cni hairpin_24", "chain inet swift_cni hairpin_24 has other rules than it should"),
      ("insert rule inet swift_cni prerouting accept", "chain inet swift_cni prerouting has other rules than it should"),
      ("flush chain bridge nat PREROUTING", "the rules of macspoofchk-one-eth0 differ from the check of 02:00:00:00:00:01 on veth1"),
      ("delete table bridge nat", "chain bridge nat PREROUTING is missing"),
      ("delete table inet swift_cni", "table inet swift_cni is missing"),
      (
        "delete element inet swift_cni published { tcp . 8001 }; add element inet swift_cni published { tcp . 8001 comment \"net/two/eth0\" : 10.1.0.5 . 80 }",
        "element tcp . 8001 : 10.1.0.5 . 80 of map published belongs to net/two/eth0, not to net/one/eth0"
      ),
      (
        "delete element inet swift_cni published { tcp . 8001 }; add element inet swift_cni published { tcp . 8001 comment \"net/one/eth0\" : 10.1.0.5 . 81 }",
        "element tcp . 8001 : 10.1.0.5 . 80 of map published is there as element tcp . 8001 : 10.1.0.5 . 81 of map published"
      ),
    ])
  func verifies(damage: String, fault: String) throws {
    var rules = try HostRules()
    let owner = Examples.owner("one"), wishes = wishes(addresses, 1)
    try rules.add(wishes, for: owner)
    #expect(try rules.verify(wishes, of: owner) == [])
    for line in damage.split(separator: ";") { try Command.run("nft -f -", input: line + "\n") }
    #expect(try rules.verify(wishes, of: owner).first == fault)
    // Adding again heals it, except what another attachment holds.
    if fault.contains("belongs to") { return }
    if fault.contains("isolated_bridges") || fault.contains("chain inet") || fault.contains("single") { try rules.restore() }
    try rules.add(wishes, for: owner)
    #expect(try rules.verify(wishes, of: owner) == [])
  }

  @Test("collecting removes what the network's lost attachments had, and touches nothing else")
  func collects() throws {
    var rules = try HostRules()
    let one = Examples.owner("one"), two = Examples.owner("two"), other = Examples.owner("two", network: "net2")
    try rules.add(wishes(Examples.subnets("10.1.0.7/24"), 3), for: other)
    try rules.add(wishes(Examples.subnets("10.1.0.6/24"), 2), for: two)
    let kept = try Command.run("nft list ruleset").text
    try rules.add(wishes(addresses, 1), for: one)
    #expect(try rules.collectGarbage(network: "net", keeping: [one, two]) == [])
    #expect(try rules.collectGarbage([.masquerade], network: "net", keeping: [two]) == [one])
    #expect(try Examples.elements("masquerade_from6") == "")
    #expect(try Examples.elements("published6") != "")
    #expect(try rules.collectGarbage(network: "net", keeping: [two]) == [one])
    let left = try Command.run("nft list ruleset").text
    for line in kept.split(separator: "\n") where line.contains("net/") || line.contains("net2/") || line.contains("macspoof") {
      #expect(left.contains(line))
    }
    #expect(!left.contains("net/one/") && !left.contains("-one-"))
    #expect(try FileSystem.names(in: "/run/cni/swift-cni/net").allSatisfy { $0.hasPrefix("two:") })
    // Also without records, and the last one takes what was shared.
    try Command.run("rm -r /run/cni/swift-cni/net")
    #expect(try rules.collectGarbage(network: "net", keeping: []) == [two])
    #expect(try rules.collectGarbage(network: "net2", keeping: []) == [other])
    let empty = try Command.run("nft list ruleset").text
    #expect(!empty.contains("elements") && !empty.contains("table bridge"))
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test(
    "an attachment that finds the table gone puts back those of all others", arguments: ["flush ruleset", "flush table inet swift_cni"])
  func heals(damage: String) throws {
    var rules = try HostRules()
    for (number, name) in ["one", "two"].enumerated() {
      try rules.add(wishes(Examples.subnets("10.1.0.\(number + 5)/24"), number + 1), for: Examples.owner(name))
    }
    let before = try Set(rules.holdings())
    try Command.run("nft \(damage)")
    try rules.add([Examples.publication(["tcp 9999 80"], at: Examples.subnets("10.1.0.9/24"))], for: Examples.owner("three"))
    try rules.remove(of: Examples.owner("three"))
    #expect(try Set(rules.holdings()) == before)
    for (number, name) in ["one", "two"].enumerated() {
      let wishes = wishes(Examples.subnets("10.1.0.\(number + 5)/24"), number + 1)
      #expect(try rules.verify(wishes, of: Examples.owner(name)) == [])
    }
  }

  @Test("the administrator's rules outlive a repair of the others")
  func administrator() throws {
    var rules = try HostRules()
    try rules.add(wishes(addresses, 1), for: Examples.owner("one"))
    try Command.run("nft add rule inet swift_cni admin tcp dport { 22, 23 } accept")
    try Command.run("nft flush chain inet swift_cni postrouting")
    try Command.run("nft delete rule inet swift_cni forward handle \(try handle("forward", "jump admin"))")
    try rules.add(wishes(Examples.subnets("10.1.0.6/24"), 2), for: Examples.owner("two"))
    #expect(try Command.run("nft list chain inet swift_cni admin").text.contains("tcp dport { 22, 23 } accept"))
    #expect(try rules.verify(wishes(addresses, 1), of: Examples.owner("one")) == [])
  }

  @Test("the check of source addresses has the layout that other plugins use")
  func spoofLayout() throws {
    var rules = try HostRules()
    for (number, name) in ["one", "two"].enumerated() {
      let check = SpoofCheck(port: "veth\(number)", address: MACAddress(value: 0x0200_0000_0001))
      for _ in 0..<2 { try rules.add([.spoofCheck(check)], for: Examples.owner(name)) }
    }
    try rules.remove([.spoofCheck], of: Examples.owner("two"))
    #expect(
      try Command.run("nft list table bridge nat").text == """
        table bridge nat {
        \tchain PREROUTING {
        \t\ttype filter hook prerouting priority dstnat; policy accept;
        \t\tiifname "veth0" jump cni-br-iface-one-eth0 comment "macspoofchk-one-eth0"
        \t}

        \tchain cni-br-iface-one-eth0-mac {
        \t\tcomment "net/one/eth0"
        \t\tether saddr 02:00:00:00:00:01 return comment "macspoofchk-one-eth0"
        \t\tdrop comment "macspoofchk-one-eth0"
        \t}

        \tchain cni-br-iface-one-eth0 {
        \t\tcomment "net/one/eth0"
        \t\tjump cni-br-iface-one-eth0-mac comment "macspoofchk-one-eth0"
        \t}
        }

        """)
  }

  @Test("others' chains that will drop forwarded traffic are named, and no others")
  func obstacles() throws {
    var rules = try HostRules()
    try rules.add(wishes(addresses, 1), for: Examples.owner("one"))
    #expect(try rules.forwardObstacles() == [])
    try Command.run(
      "nft -f -",
      input: """
        table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; counter; }; chain INPUT { type filter hook input priority 0; policy drop; }; }
        table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; policy accept; ct state established accept; reject with icmpx type admin-prohibited; }; }
        table ip6 mine { chain f { type filter hook forward priority 5; policy accept; ip6 saddr fd00::1 drop; }; chain g { type filter hook forward priority 6; policy accept; log prefix "x" counter drop; }; }
        table ip legacy { chain f { type filter hook forward priority 5; policy accept; reject with icmp type host-unreachable; }; }

        """)
    let text = try Command.run("nft list ruleset").text
    #expect(
      try Set(rules.forwardObstacles().map(\.description)) == [
        "table ip filter, chain FORWARD: policy drop",
        "table inet firewalld, chain filter_FORWARD: its last rule drops or rejects everything",
        "table ip6 mine, chain g: its last rule drops or rejects everything",
        "table ip legacy, chain f: its last rule drops or rejects everything",
      ])
    #expect(try Command.run("nft list ruleset").text == text)
  }

  @Test("what is held can be listed, with owners and counters")
  func lists() throws {
    var rules = try HostRules()
    #expect(try rules.holdings() == [])
    try rules.add(wishes(Examples.subnets("10.1.0.5/24"), 1), for: Examples.owner("one"))
    let holdings = try rules.holdings()
    #expect(holdings.filter { $0.owner == Examples.owner("one") }.count == holdings.count - 2)
    let port = try #require(holdings.first { $0.set == "published" })
    #expect(port.key == "tcp . 8001" && port.value == "10.1.0.5 . 80" && port.connections == 0)
    #expect(try rules.concerns(of: Examples.owner("one")).count == 4)
  }

  private func handle(_ chain: String, _ rule: String) throws -> String {
    let text = try Command.run("nft -a list chain inet swift_cni \(chain)").text
    return text.split(separator: "\n").first { $0.contains(rule) }?.split(separator: " ").last.map(String.init) ?? ""
  }
}
