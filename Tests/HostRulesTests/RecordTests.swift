import Addresses
import HostRules
import Linux
import TestSupport
import Testing

@Suite("Owners and records", .networkNamespace)
struct RecordTests {
  @Test(
    "labels are short enough for nft, free of quotes, and differ where owners differ",
    arguments: [
      ("podman", "3f2a", "eth0", "podman/3f2a/eth0"), ("n", "c", "a\"b", "n/c/a%22b"),
      (
        String(repeating: "n", count: 300), String(repeating: "0123456789abcdef", count: 4), "eth0",
        "nnnnnnnnnnnnnnnnnnnnnnn~a4cf91b7088f4495/\(String(repeating: "0123456789abcdef", count: 4))/eth0"
      ),
    ])
  func labels(network: String, container: String, interface: String, label: String) throws {
    let owner = Owner(network: network, containerID: container, interfaceName: interface)
    #expect(owner.label == label)
    #expect(owner.label.utf8.count <= 128)
    let read = try #require(Owner(label: label))
    #expect(read.label == label)
    let other = Owner(network: network, containerID: container + "x", interfaceName: interface)
    #expect(other.label != label)
  }

  @Test("a long name and a strange interface are recorded, found again and removed")
  func longNames() throws {
    let owner = Owner(
      network: String(repeating: "n", count: 300), containerID: String(repeating: "c", count: 300),
      interfaceName: "\"\u{7f}'\\$(x)`;ä<>")
    var rules = try HostRules()
    let addresses = Examples.subnets("10.1.0.5/24"), wish = Examples.publication(["tcp 80 80"], at: addresses)
    try rules.add([wish, .masquerade(addresses)], for: owner)
    #expect(try rules.verify([wish], of: owner) == [])
    #expect(try rules.concerns(of: owner) == [.masquerade(addresses), wish])
    let text = try Command.run("nft list ruleset").text
    try Command.run("nft flush ruleset")
    try Command.run("nft -f -", input: text)
    #expect(try rules.collectGarbage(network: owner.network, keeping: [owner]) == [])
    try rules.remove(of: owner)
    #expect(try rules.holdings() == [])
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("records are read as they were written")
  func roundTrip() throws {
    var rules = try HostRules()
    let owner = Examples.owner("c"), addresses = Examples.subnets("10.1.0.5/24", "fd00::5/64")
    let ports = ["tcp 80 80", "udp 127.0.0.1 5000-5010 6000", "sctp :: 7 8", "tcp 0.0.0.0 9 9", "tcp fd00::1 1-65535 1"]
    for source in [Publication.SourceTranslation.hairpin, .all, .none] {
      let wishes: [Concern] = [
        .masquerade(addresses), Examples.publication(ports.map { $0.replacing("80 80", with: "79 80") }, at: addresses, source: source),
        .isolation(Isolation(.isolated, bridge: "br-0.5")),
        .links(Links(addresses: addresses.map(\.address), ports: [Links.Port(containerID: "other", .sctp, 65535)])),
        .spoofCheck(SpoofCheck(port: "veth1", address: MACAddress(value: 0xFE))),
      ]
      try rules.add(wishes, for: owner)
      #expect(try rules.concerns(of: owner) == wishes)
    }
  }

  @Test(
    "a damaged record is passed over: removing reads the elements instead", arguments: ["", "swift-cni 1", "swift-cni 2 1\nowner a b c\n"])
  func damaged(content: String) throws {
    var rules = try HostRules()
    let owner = Examples.owner("c"), addresses = Examples.subnets("10.1.0.5/24")
    try rules.add([.masquerade(addresses), Examples.publication(["tcp 80 80"], at: addresses)], for: owner)
    for kind in ["masquerade", "publication"] {
      try FileSystem.replace("/run/cni/swift-cni/net/c:eth0:\(kind)", content: Array(content.utf8))
    }
    #expect(try rules.restore() == 0)
    try rules.remove(of: owner)
    #expect(try rules.holdings() == [])
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("records of another network namespace are left alone")
  func otherNamespace() throws {
    var rules = try HostRules()
    let addresses = Examples.subnets("10.1.0.5/24")
    try rules.add([Examples.publication(["tcp 80 80"], at: addresses)], for: Examples.owner("here"))
    let other = try TestNamespace()
    try other.run {
      var rules = try HostRules()
      #expect(try rules.restore() == 0)
      try rules.add([Examples.publication(["tcp 80 80"], at: addresses)], for: Examples.owner("there"))
      #expect(try rules.collectGarbage(network: "net", keeping: []) == [Examples.owner("there")])
    }
    #expect(try rules.verify([Examples.publication(["tcp 80 80"], at: addresses)], of: Examples.owner("here")) == [])
  }

  @Test("records of a network namespace that is gone do not come back in a later one that has its number")
  func numberAgain() throws {
    var number: UInt64 = 0
    do {
      let gone = try TestNamespace()
      number = try FileIdentity(path: gone.path).inode
      try gone.run {
        var rules = try HostRules()
        try rules.add([Examples.publication(["tcp 8080 80"], at: Examples.subnets("10.1.0.5/24"))], for: Examples.owner("gone"))
      }
    }
    // The kernel gives the number again as soon as it has cleaned up; if it does not, there is nothing to see.
    var others: [TestNamespace] = []
    for _ in 0..<400 {
      let next = try TestNamespace()
      if try FileIdentity(path: next.path).inode != number {
        others.append(next)
        continue
      }
      let holdings = try next.run {
        var rules = try HostRules()
        try rules.add([Examples.publication(["tcp 8080 80"], at: Examples.subnets("10.1.0.6/24"))], for: Examples.owner("new"))
        return try rules.holdings().compactMap(\.owner)
      }
      #expect(Set(holdings) == [Examples.owner("new")])
      return
    }
  }
}
