import Addresses
import Glibc
import HostRules
import Linux
import TestSupport
import Testing

@Suite("Published ports in the table", .networkNamespace)
struct PublishedPortTests {
  private let a = Examples.owner("aaa"), b = Examples.owner("bbb")
  private let addressA = Examples.subnets("10.1.0.5/24", "fd00::5/64"), addressB = Examples.subnets("10.1.0.6/24", "fd00::6/64")

  @Test(
    "a port that another attachment holds is refused by name, and nothing changes",
    arguments: [
      ("tcp 8080 80", "tcp 8080 81", "tcp 8080"), ("tcp 8000-8099 8000", "tcp 8080 80", "tcp 8000-8099"),
      ("tcp 8080 80", "tcp 8000-8099 8000", "tcp 8080"), ("tcp 8080 80", "tcp 8000-8099 9000", "tcp 8080"),
      ("tcp 127.0.0.1 8080 80", "tcp 8080 80", "tcp 127.0.0.1:8080"), ("tcp 8080 80", "tcp 127.0.0.1 8080 80", "tcp 8080"),
      ("tcp 127.0.0.1 8080 80", "tcp 127.0.0.1 8080 80", "tcp 127.0.0.1:8080"),
      ("tcp 127.0.0.1 8000-8099 8000", "tcp 8080 80", "tcp 127.0.0.1:8000-8099"),
      ("tcp 127.0.0.1 8000-8099 8000", "tcp 127.0.0.1 8080 80", "tcp 127.0.0.1:8000-8099"),
      ("tcp 127.0.0.1 8080 80", "tcp 8000-8099 8000", "tcp 127.0.0.1:8080"),
      ("tcp 8050-8150 8050", "tcp 8000-8099 8000", "tcp 8050-8150"), ("tcp 0.0.0.0 8080 80", "tcp 8080 80", "tcp 8080"),
      ("tcp :: 8080 80", "tcp 8080 80", "tcp 8080"), ("tcp fd00::1 8080 80", "tcp 8080 80", "tcp [fd00::1]:8080"),
    ])
  func conflicts(first: String, second: String, held: String) throws {
    var rules = try HostRules()
    try rules.add([Examples.publication([first], at: addressA)], for: a)
    let before = try Command.run("nft list ruleset").text
    let error = #expect(throws: PortConflict.self) { try rules.add([Examples.publication(["udp 53 53", second], at: addressB)], for: b) }
    #expect(error?.holder == a)
    #expect(error?.held.description == held)
    #expect(error?.description.contains("container aaa, interface eth0, network net") == true)
    #expect(try Command.run("nft list ruleset").text == before)
    #expect(try FileSystem.names(in: "/run/cni/swift-cni/net") == ["aaa:eth0:publication"])
  }

  @Test(
    "ports that cannot be for the same packet are published side by side",
    arguments: [
      ("tcp 8080 80", "udp 8080 80"), ("tcp 8080 80", "tcp 8081 80"), ("tcp 127.0.0.1 8080 80", "tcp 10.9.0.1 8080 80"),
      ("tcp 0.0.0.0 8080 80", "tcp :: 8080 80"), ("tcp 8000-8099 8000", "tcp 8100 80"), ("tcp 8000-8099 8000", "tcp 8100-8199 8100"),
      ("tcp 127.0.0.1 8080 80", "tcp 10.9.0.1 8000-8099 8000"), ("tcp 127.0.0.1 8000-8010 8000", "tcp 10.9.0.1 8000-8010 8000"),
    ])
  func sideBySide(first: String, second: String) throws {
    var rules = try HostRules()
    try rules.add([Examples.publication([first], at: addressA)], for: a)
    try rules.add([Examples.publication([second], at: addressB)], for: b)
    try rules.remove(of: a)
    try rules.add([Examples.publication([first], at: addressA)], for: a)
    for owner in [b, a] { try rules.remove(of: owner) }
    #expect(try Command.run("nft -j list ruleset").text.contains("comment\": \"net/") == false)
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("the same attachment may publish again: the same, more, less, with another address")
  func again() throws {
    var rules = try HostRules()
    for _ in 0..<2 { try rules.add([Examples.publication(["tcp 8080 80", "tcp 127.0.0.1 81 81"], at: addressA)], for: a) }
    #expect(try Examples.elements("published") == "tcp . 8080 comment \"net/aaa/eth0\" : 10.1.0.5 . 80")
    try rules.add([Examples.publication(["tcp 8080 81", "tcp 9000-9010 9000"], at: addressB)], for: a)
    #expect(try Examples.elements("published") == "tcp . 8080 comment \"net/aaa/eth0\" : 10.1.0.6 . 81")
    #expect(try Examples.elements("hairpin") == "10.1.0.6 comment \"net/aaa/eth0\" : jump hairpin_24")
    #expect(try Examples.elements("published_at") == "" && Examples.elements("single_address_ports") == "")
    try rules.add([Examples.publication(["tcp 9005-9020 9005"], at: addressB, source: .all)], for: a)
    #expect(try Examples.elements("published") == "")
    #expect(try Examples.elements("published_range") == "tcp . 9005-9020 comment \"net/aaa/eth0\" : 10.1.0.6")
    #expect(try Examples.elements("hairpin") == "10.1.0.6 comment \"net/aaa/eth0\" : jump masquerade_all")
    #expect(try Examples.elements("beside") == "")
  }

  @Test("removing leaves what another attachment has taken over meanwhile")
  func takenOver() throws {
    var rules = try HostRules()
    let addresses = Examples.subnets("10.1.0.5/24")
    try rules.add([Examples.publication(["tcp 8080 80"], at: addresses)], for: a)
    try Command.run("nft flush map inet swift_cni published")
    try rules.add([Examples.publication(["tcp 8080 80"], at: addresses)], for: b)
    try rules.remove(of: a)
    #expect(try Examples.elements("published") == "tcp . 8080 comment \"net/bbb/eth0\" : 10.1.0.5 . 80")
    #expect(try Examples.elements("hairpin") == "10.1.0.5 comment \"net/bbb/eth0\" : jump hairpin_24")
    try rules.remove(of: b)
    #expect(try Examples.elements("hairpin") == "")
  }

  @Test("removing works twice, without a record, without a table and without ever having added")
  func removesAnyway() throws {
    var rules = try HostRules()
    try rules.remove(of: a)
    #expect(try Command.run("nft list ruleset").text == "")
    let wishes = Examples.publication(["tcp 8080 80", "tcp 127.0.0.1 81 81", "udp 5000-5009 5000"], at: addressA)
    try rules.add([wishes, .masquerade(addressA), .isolation(Isolation(.isolated, bridge: "br0"))], for: a)
    try Command.run("rm -r /run/cni/swift-cni")
    try rules.remove(of: a)
    try rules.remove(of: a)
    #expect(try !Command.run("nft list ruleset").text.contains("elements"))
    try rules.add([wishes], for: a)
    try Command.run("nft delete table inet swift_cni")
    try rules.remove(of: a)
    #expect(try Command.run("nft list ruleset").text == "")
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("three attachments publish one port at different addresses, and go in any order", arguments: [[0, 1, 2], [1, 0, 2], [2, 0, 1]])
  func numbers(order: [Int]) throws {
    var rules = try HostRules()
    let owners = ["a", "b", "c"].map { Examples.owner($0) }
    for (position, owner) in owners.enumerated() {
      try rules.add([Examples.publication(["tcp 127.0.0.\(position + 1) 80 80"], at: addressA)], for: owner)
    }
    for position in order {
      #expect(throws: PortConflict.self) { try rules.add([Examples.publication(["tcp 80 80"], at: addressB)], for: b) }
      try rules.remove(of: owners[position])
    }
    try rules.add([Examples.publication(["tcp 80 80"], at: addressB)], for: b)
  }

  @Test("a record that cannot be written fails without a change", arguments: ["/proc/swift-cni", "/run/full/swift-cni"])
  func unwritable(folder: String) throws {
    try FileSystem.createFolders("/run/full")
    try Command.run("mount -t tmpfs -o size=4k,nr_inodes=2 none /run/full")
    defer { umount2("/run/full", Int32(MNT_DETACH)) }
    var rules = try HostRules(folder: folder)
    #expect(throws: SystemError.self) { try rules.add([Examples.publication(["tcp 80 80"], at: addressA)], for: a) }
    #expect(try !Command.run("nft list ruleset").text.contains("elements"))
  }

  @Test("removing works where the records' folder is read-only or cannot be made")
  func readOnly() throws {
    var rules = try HostRules()
    let wish = Examples.publication(["tcp 80 80"], at: addressA)
    try rules.add([wish], for: a)
    try Command.run("nft delete table inet swift_cni")
    try Command.run("rm -r /run/cni")
    try rules.add([wish], for: a)
    try Command.run("mount -t tmpfs -o ro none /run/cni")
    defer { umount2("/run/cni", Int32(MNT_DETACH)) }
    #expect(throws: SystemError.self) { try rules.add([Examples.publication(["tcp 81 81"], at: addressB)], for: b) }
    try rules.remove(of: b)
    try rules.remove(of: a)
    #expect(try rules.holdings() == [])
  }

  @Test("what a killed process left of a record goes with the attachment")
  func halfRecord() throws {
    var rules = try HostRules()
    for name in ["aaa:eth0:publication", ".aaa:eth0:publication", "."] {
      try FileSystem.createFolders("/run/cni/swift-cni/net")
      if name != "." { try FileSystem.create("/run/cni/swift-cni/net/\(name)", content: []) }
      try rules.remove(of: a)
      #expect(!FileSystem.isFolder("/run/cni/swift-cni"), "\(name)")
      try FileSystem.createFolders("/run/cni/swift-cni/net")
      if name != "." { try FileSystem.create("/run/cni/swift-cni/net/\(name)", content: []) }
      try rules.collectGarbage(network: "net", keeping: [])
      #expect(!FileSystem.isFolder("/run/cni/swift-cni"), "\(name)")
    }
  }
}
