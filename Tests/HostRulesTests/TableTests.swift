import Addresses
import HostRules
import TestSupport
import Testing

@Suite("The table of host rules", .networkNamespace)
struct TableTests {
  @Test("nft prints it with elements of every kind, and reads its own print back")
  func prints() throws {
    var rules = try HostRules()
    let addresses = Examples.subnets("10.1.0.5/24", "fd00::5/64"), owner = Examples.owner("3f2a")
    let ports = [
      "tcp 8080 80", "sctp 0.0.0.0 8081 81", "tcp 127.0.0.1 8082 80", "tcp fd00::1 8082 80", "udp 5000-5009 5000",
      "udp 127.0.0.1 6000-6009 6000", "udp fd00::1 6000-6009 6000", "tcp 7000-7002 8000",
    ]
    try rules.add(
      [
        .masquerade(addresses), Examples.publication(ports, at: addresses), .isolation(Isolation(.sameBridge, bridge: "cni-podman0")),
        .spoofCheck(SpoofCheck(port: "veth0", address: MACAddress(value: 0x0200_0000_0001))),
      ], for: owner)
    let conditions = try [Condition(.v4, "ip saddr 10.0.0.0/8"), Condition(.v6, "ip6 saddr != fd00::/8")]
    let conditional = ["tcp 8085 80", "tcp 8090-8099 8090"].map(Examples.port)
    try rules.add(
      [
        .isolation(Isolation(.open, bridge: "br0")),
        .publication(Publication(containers: addresses, ports: conditional, conditions: conditions)),
      ], for: Examples.owner("b"))
    try rules.add([.isolation(Isolation(.isolated, bridge: "br1"))], for: Examples.owner("c"))
    let ends = ["l1", "l2"].map { Examples.owner($0) }
    for (number, owner) in ends.enumerated() {
      let addresses = Examples.subnets("10.3.0.\(number + 5)/24", "fd00:3::\(number + 5)/64").map(\.address)
      let ports = number == 0 ? [] : [Links.Port(containerID: "l1", .tcp, 3306), Links.Port(containerID: "l1", .udp, 53)]
      try rules.add([.links(Links(addresses: addresses, ports: ports))], for: owner)
    }
    let text = try Command.run("nft list ruleset").text
    for set in text.matches(of: #/(?:map|set) (\w+) \{/#) { #expect(try !Examples.elements(String(set.1)).isEmpty, "\(set.1)") }
    try Command.run("nft flush ruleset")
    try Command.run("nft -f -", input: text)
    #expect(try Command.run("nft list ruleset").text == text)
    #expect(try rules.restore() == 0)
    for container in ["3f2a", "b", "c", "l1", "l2"] { try rules.remove(of: Examples.owner(container)) }
    #expect(try !Command.run("nft list ruleset").text.contains("elements"))
  }

  @Test("prefix lengths have chains of their own, which nft reads back", arguments: [("0.0.0.0", 0...32), ("fd00::", 0...128)])
  func prefixLengths(network: String, lengths: ClosedRange<Int>) throws {
    var rules = try HostRules()
    for length in lengths {
      let address = try #require(IPAddress(network)?.advanced(by: Int128(length + 1)).flatMap { Subnet($0, prefixLength: length) })
      let wishes = [.masquerade([address]), Examples.publication(["tcp \(1000 + length) 80"], at: [address])]
      try rules.add(wishes, for: Examples.owner("c\(length)"))
    }
    let text = try Command.run("nft list ruleset").text
    try Command.run("nft flush ruleset")
    try Command.run("nft -f -", input: text)
    #expect(try Command.run("nft list ruleset").text == text)
  }
}
