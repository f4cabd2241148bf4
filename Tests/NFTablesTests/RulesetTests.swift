import Addresses
import Linux
import NFTables
import Netlink
import TestSupport
import Testing

@Suite("The nftables ruleset", .networkNamespace)
struct RulesetTests {
  private let table = Table(.inet, "example", comment: "a table for tests")

  @Test("nft prints what was written, and reads its own print back")
  func prints() throws {
    var ruleset = try Ruleset()
    try ruleset.commit(everything())
    let text = try Command.run("nft list ruleset").text
    #expect(text == expected)
    try Command.run("nft flush ruleset")
    try Command.run("nft -f -", input: text)
    #expect(try Command.run("nft list ruleset").text == text)
  }

  @Test("tables, chains, rules, sets and elements are read as they were written")
  func reads() throws {
    var ruleset = try Ruleset()
    try ruleset.commit(everything())
    #expect(try ruleset.tables() == [table])
    #expect(try ruleset.table(Table(.inet, "example")) == table)
    #expect(try ruleset.table(Table(.ipv4, "example")) == nil)
    let chains = try ruleset.chains(table)
    #expect(chains.map(\.name) == ["other", "checks", "prerouting", "postrouting", "forward"])
    #expect(chains.first { $0.name == "forward" }?.base == Chain.Base(.filter, .forward, priority: 0, policy: .drop))
    #expect(chains.first { $0.name == "checks" }?.comment == "a chain")
    #expect(try ruleset.chain(Chain(table, "other"))?.useCount == 5)
    for chain in chains {
      let written = rules.filter { $0.chain.name == chain.name }
      let read = try ruleset.rules(chain)
      #expect(read.map(\.expressions) == written.map(\.expressions))
      #expect(read.map(\.comment) == written.map(\.comment))
    }
    #expect(Set(try ruleset.sets(table).map(\.name)) == Set(sets.map(\.0.name) + ["pairs"]))
    for (set, elements) in sets {
      let read = try #require(try ruleset.set(set))
      #expect(read.key == set.key && read.target == set.target && read.isInterval == set.isInterval && read.comment == set.comment)
      #expect(read.hasCounters == set.hasCounters && read.timeout == set.timeout)
      let found = try ruleset.elements(set)
      #expect(Set(found.map(\.key)) == Set(elements.map(\.key)))
      for element in elements {
        let one = try #require(found.first { $0.key == element.key })
        #expect(one.last == element.last && one.value == element.value && one.comment == element.comment)
        #expect((one.counter == Counter()) == set.hasCounters)
        #expect(try ruleset.element(element.key, of: set)?.comment == element.comment)
      }
    }
  }

  @Test("a refused transaction changes nothing and names the change and the element")
  func names() throws {
    var ruleset = try Ruleset()
    try ruleset.commit(everything())
    let set = NamedSet(table, "ports", key: [.transportProtocol, .port], to: .fields([.ipv4Address, .port]), hasCounters: true)
    var transaction = Transaction()
    transaction.add(Chain(table, "late"))
    transaction.add([port(1), port(8080, to: 81), port(3)], to: set)
    let error = #expect(throws: NetlinkError.self) { try ruleset.commit(transaction) }
    #expect(error?.description.hasPrefix("add element tcp . 8080 to map inet example ports: ") == true, "\(String(describing: error))")
    #expect(try ruleset.chain(Chain(table, "late")) == nil)
    #expect(try ruleset.element(port(1).key, of: set) == nil)
  }

  @Test("creating a table that exists, deleting what does not, and what is in use is refused by name")
  func refusals() throws {
    var ruleset = try Ruleset()
    try ruleset.commit(everything())
    let attempt = { (ruleset: inout Ruleset, change: (inout Transaction) -> Void) -> NetlinkError? in
      var transaction = Transaction()
      change(&transaction)
      do {
        try ruleset.commit(transaction)
        return nil
      } catch { return error as? NetlinkError }
    }
    #expect(attempt(&ruleset) { $0.create(table) } == NetlinkError(.exists, "create table inet example"))
    #expect(attempt(&ruleset) { $0.delete(Chain(table, "other")) } == NetlinkError(.busy, "delete chain inet example other"))
    #expect(attempt(&ruleset) { $0.delete(Chain(table, "none")) } == NetlinkError(.noEntry, "delete chain inet example none"))
    #expect(attempt(&ruleset) { $0.delete([port(7)], from: sets[0].0) }?.code == .noEntry)
    #expect(attempt(&ruleset) { $0.add(Table(.inet, "example")) } == nil)
    #expect(attempt(&ruleset) { $0.add(sets[0].1, to: sets[0].0) } == nil)
    #expect(attempt(&ruleset) { $0.add(sets[0].1, to: sets[0].0, exclusive: true) }?.code == .exists)
  }

  @Test("a transaction for a generation that has passed is refused and changes nothing")
  func generations() throws {
    var ruleset = try Ruleset()
    let generation = try ruleset.generation()
    var transaction = Transaction()
    transaction.add(table)
    try ruleset.commit(transaction, ifStill: generation)
    #expect(throws: NetlinkError(.restart, "change the ruleset")) { try ruleset.commit(transaction, ifStill: generation) }
    try ruleset.commit(transaction, ifStill: try ruleset.generation())
  }

  @Test("ten thousand elements go in one transaction, and out again")
  func many() throws {
    var ruleset = try Ruleset()
    let set = NamedSet(table, "ports", key: [.transportProtocol, .port], to: .fields([.ipv4Address, .port]), hasCounters: true)
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(set)
    let elements = (1...10_000).map { Element(port(UInt16($0)).key, to: port(80).value, comment: String(repeating: "c", count: 120)) }
    transaction.add(elements, to: set)
    try ruleset.commit(transaction)
    #expect(try ruleset.elements(set).count == 10_000)
    let some = try ruleset.elements(elements[5000..<5100].map(\.key), of: set)
    #expect(some.allSatisfy { $0?.comment?.utf8.count == 120 } && some.count == 100)
    var removal = Transaction()
    removal.delete(elements, from: set)
    try ruleset.commit(removal)
    #expect(try ruleset.elements(set).isEmpty)
  }

  @Test("an error in the middle of ten thousand elements is found")
  func manyRefused() throws {
    var ruleset = try Ruleset()
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(sets[0].0)
    transaction.add([port(6789, to: 81)], to: sets[0].0)
    try ruleset.commit(transaction)
    var second = Transaction()
    second.add((1...10_000).map { port(UInt16($0)) }, to: sets[0].0)
    let error = #expect(throws: NetlinkError.self) { try ruleset.commit(second) }
    #expect(error?.operation == "add element tcp . 6789 to map inet example ports")
  }

  @Test("rules of others, with expressions unknown to us, are listed with handle and comment, and can be deleted")
  func foreign() throws {
    try Command.run(
      "nft -f -",
      input: """
        table ip foreign {
          chain c {
            tcp flags syn tcp option maxseg size set rt mtu comment "clamp"
            numgen inc mod 2 0 accept
            ip saddr { 10.0.0.1, 10.0.0.2 } accept comment "two"
          }
        }

        """)
    var ruleset = try Ruleset()
    let rules = try ruleset.rules(Chain(Table(.ipv4, "foreign"), "c"))
    #expect(rules.map(\.comment) == ["clamp", nil, "two"])
    #expect(rules[1].expressions.contains(.other("numgen")))
    var transaction = Transaction()
    transaction.delete(rules[0])
    transaction.delete(rules[2])
    try ruleset.commit(transaction)
    #expect(try ruleset.rules(Chain(Table(.ipv4, "foreign"), "c")).count == 1)
    var copy = Transaction()
    copy.add(rules[1])
    #expect(throws: NetlinkError.self) { try ruleset.commit(copy) }
  }

  private func port(_ port: UInt16, to target: UInt16 = 80) -> Element {
    Element(
      Fields(.transportProtocol(6), .port(port)), to: .fields(Fields(.address(IPAddress(.v4, 0x0A00_0005)), .port(target))),
      comment: "n/c/eth0"
    )
  }

  /// Sets of every kind with elements of every kind.
  private var sets: [(NamedSet, [Element])] {
    let v4 = IPAddress(.v4, 0x0A00_0007), v6 = IPAddress(.v6, 0xFD00 << 112 | 7)
    return [
      (
        NamedSet(
          table, "ports", key: [.transportProtocol, .port], to: .fields([.ipv4Address, .port]), hasCounters: true, comment: "a map"),
        [port(8080)]
      ),
      (
        NamedSet(table, "ports6", key: [.ipv6Address, .transportProtocol, .port], to: .fields([.ipv6Address, .port]), hasCounters: true),
        [Element(Fields(.address(v6), .transportProtocol(17), .port(53)), to: .fields(Fields(.address(v6), .port(5353))))]
      ),
      (
        NamedSet(table, "ranges", key: [.transportProtocol, .port], to: .fields([.ipv4Address]), isInterval: true, hasCounters: true),
        [
          Element(
            Fields(.transportProtocol(17), .port(100)), through: Fields(.transportProtocol(17), .port(200)),
            to: .fields(Fields(.address(v4))), comment: "a range"),
          Element(Fields(.transportProtocol(132), .port(7)), to: .fields(Fields(.address(v4)))),
        ]
      ),
      (
        NamedSet(table, "tree", key: [.port], isInterval: true),
        [
          Element(Fields(.port(5)), through: Fields(.port(10)), comment: "some"), Element(Fields(.port(11))),
          Element(Fields(.port(65000)), through: Fields(.port(65535))),
        ]
      ),
      (NamedSet(table, "networks", key: [.networkProtocol, .mark]), [Element(Fields(.networkProtocol(.v6), .mark(7)))]),
      (NamedSet(table, "marks", key: [.mark], to: .fields([.mark])), [Element(Fields(.mark(7)), to: .fields(Fields(.mark(0x1234))))]),
      (
        NamedSet(table, "links", key: [.interfaceName, .interfaceName]),
        [Element(Fields(.interface("a"), .interface("eth0.5")), comment: "x")]
      ),
      (
        NamedSet(table, "verdicts", key: [.interfaceName], to: .verdict, comment: "what to do"),
        [
          Element(Fields(.interface("eth0")), to: .verdict(.jump("other")), comment: "n/c/eth0"),
          Element(Fields(.interface("eth1")), to: .verdict(.drop)), Element(Fields(.interface("eth2")), to: .verdict(.goto("other"))),
        ]
      ),
      (
        NamedSet(table, "stations", key: [.etherAddress]),
        [Element(Fields(.etherAddress(MACAddress(value: 0x0200_0000_0001))))]
      ),
      (NamedSet(table, "short", key: [.ipv4Address], timeout: 3_600_000), []),
    ]
  }

  private var rules: [Rule] {
    let checks = Chain(table, "checks", comment: "a chain"), forward = Chain(table, "forward"), other = Chain(table, "other")
    let v4 = IPAddress(.v4, 0x0A00_0000)
    let key: [Operand] = [.transportProtocol, .destinationPort]
    return [
      Rule(
        checks,
        [.match(.inputInterface, .notEqual, .interface("lo")), .matchNetwork(.destination(.v4), network("127.0.0.0/8")), .verdict(.drop)],
        comment: "a rule"),
      Rule(checks, [.matchNetwork(.destination(.v4), network("224.0.0.0/4")), .verdict(.return)]),
      Rule(checks, [.matchNetwork(.source(.v6), network("fd00::/8"), negated: true), .counter, .verdict(.accept)]),
      Rule(
        checks,
        [
          .match(.transportProtocol, .equal, .transportProtocol(6)), .matchRange(.destinationPort, .port(80), .port(90)),
          .log(prefix: "p: ", group: 3),
        ]),
      Rule(
        checks,
        [
          .match(.transportProtocol, .equal, .transportProtocol(17)), .matchRange(.destinationPort, .port(80), .port(90), negated: true),
          .limit(rate: 10, per: 1, burst: 5), .log(prefix: "q"), .reject(.prohibited),
        ]),
      Rule(checks, [.reject(.tcpReset)]),
      Rule(checks, [.lookup([.inputInterface, .outputInterface], in: "links"), .setMark(7), .verdict(.accept)]),
      Rule(checks, [.lookup([.destinationPort], in: "tree", negated: true), .verdict(.goto("other"))]),
      Rule(checks, [.lookup([.source(.v4), .destination(.v4).masked(network("0.0.0.0/24").mask.bytes)], in: "pairs"), .verdict(.return)]),
      Rule(
        Chain(table, "prerouting"), [.match(.destinationType, .equal, .mark(2)), .destinationFromMap(key, "ports", .v4, withPort: true)]),
      Rule(
        Chain(table, "prerouting"),
        [.destinationFromMap([.destination(.v6)] + key, "ports6", .v6, withPort: true)]),
      Rule(Chain(table, "prerouting"), [.matchFamily(.v4), .destinationFromMap(key, "ranges", .v4, withPort: false)]),
      Rule(Chain(table, "prerouting"), [.match(.transportProtocol, .equal, .transportProtocol(6)), .destination(v4, port: 80)]),
      Rule(Chain(table, "postrouting"), [.matchAnyBit(.connectionStatus, 0x20), .match(.source(.v4), .equal, .address(v4)), .masquerade]),
      Rule(forward, [.verdict(.jump("other"))]),
      Rule(forward, [.matchState([.established, .related]), .verdict(.accept)]),
      Rule(forward, [.verdictMap([.outputInterface], "verdicts")]),
      Rule(other, [.match(.mark, .equal, .mark(16)), .verdict(.accept)]),
    ]
  }

  private func network(_ text: String) -> Subnet { Subnet(text)?.network ?? Subnet(host: IPAddress(.v4, 0)) }

  private func everything() -> Transaction {
    var transaction = Transaction()
    transaction.create(table)
    transaction.add(Chain(table, "other"))
    transaction.add(NamedSet(table, "pairs", key: [.ipv4Address, .ipv4Address]))
    for (set, elements) in sets {
      transaction.add(set)
      transaction.add(elements, to: set)
    }
    transaction.add(Chain(table, "checks", comment: "a chain"))
    transaction.add(Chain(table, "prerouting", .init(.nat, .prerouting, priority: -100)))
    transaction.add(Chain(table, "postrouting", .init(.nat, .postrouting, priority: 100)))
    transaction.add(Chain(table, "forward", .init(.filter, .forward, priority: 0, policy: .drop)))
    for rule in rules { transaction.add(rule) }
    return transaction
  }

  private let expected = """
    table inet example {
    \tcomment "a table for tests"
    \tset pairs {
    \t\ttype ipv4_addr . ipv4_addr
    \t}

    \tmap ports {
    \t\ttype inet_proto . inet_service : ipv4_addr . inet_service
    \t\tcounter
    \t\tcomment "a map"
    \t\telements = { tcp . 8080 counter packets 0 bytes 0 comment "n/c/eth0" : 10.0.0.5 . 80 }
    \t}

    \tmap ports6 {
    \t\ttype ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
    \t\tcounter
    \t\telements = { fd00::7 . udp . 53 counter packets 0 bytes 0 : fd00::7 . 5353 }
    \t}

    \tmap ranges {
    \t\ttype inet_proto . inet_service : ipv4_addr
    \t\tflags interval
    \t\tcounter
    \t\telements = { udp . 100-200 counter packets 0 bytes 0 comment "a range" : 10.0.0.7,
    \t\t\t     sctp . 7 counter packets 0 bytes 0 : 10.0.0.7 }
    \t}

    \tset tree {
    \t\ttype inet_service
    \t\tflags interval
    \t\telements = { 5-10 comment "some", 11, 65000-65535 }
    \t}

    \tset networks {
    \t\ttype nf_proto . mark
    \t\telements = { ipv6 . 0x00000007 }
    \t}

    \tmap marks {
    \t\ttype mark : mark
    \t\telements = { 0x00000007 : 0x00001234 }
    \t}

    \tset links {
    \t\ttype ifname . ifname
    \t\telements = { "a" . "eth0.5" comment "x" }
    \t}

    \tmap verdicts {
    \t\ttype ifname : verdict
    \t\tcomment "what to do"
    \t\telements = { "eth0" comment "n/c/eth0" : jump other,
    \t\t\t     "eth1" : drop,
    \t\t\t     "eth2" : goto other }
    \t}

    \tset stations {
    \t\ttype ether_addr
    \t\telements = { 02:00:00:00:00:01 }
    \t}

    \tset short {
    \t\ttype ipv4_addr
    \t\ttimeout 1h
    \t}

    \tchain other {
    \t\tmeta mark 0x00000010 accept
    \t}

    \tchain checks {
    \t\tcomment "a chain"
    \t\tiifname != "lo" ip daddr 127.0.0.0/8 drop comment "a rule"
    \t\tip daddr 224.0.0.0/4 return
    \t\tip6 saddr != fd00::/8 counter packets 0 bytes 0 accept
    \t\ttcp dport 80-90 log prefix "p: " group 3
    \t\tudp dport != 80-90 limit rate 10/second log prefix "q" reject with icmpx admin-prohibited
    \t\tmeta l4proto tcp reject with tcp reset
    \t\tiifname . oifname @links meta mark set 0x00000007 accept
    \t\tth dport != @tree goto other
    \t\tip saddr . ip daddr & 255.255.255.0 @pairs return
    \t}

    \tchain prerouting {
    \t\ttype nat hook prerouting priority dstnat; policy accept;
    \t\tfib daddr type local dnat ip to meta l4proto . th dport map @ports
    \t\tdnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6
    \t\tmeta nfproto ipv4 dnat ip to meta l4proto . th dport map @ranges
    \t\tmeta l4proto tcp dnat ip to 10.0.0.0:80
    \t}

    \tchain postrouting {
    \t\ttype nat hook postrouting priority srcnat; policy accept;
    \t\tct status dnat ip saddr 10.0.0.0 masquerade
    \t}

    \tchain forward {
    \t\ttype filter hook forward priority filter; policy drop;
    \t\tjump other
    \t\tct state established,related accept
    \t\toifname vmap @verdicts
    \t}
    }

    """
}
