import HostRules
import Linux
import TestSupport
import Testing

@Suite("Ports of a container with several networks", .networkNamespace)
struct SameContainerTests {
  private let first = Examples.owner("aaa"), second = Examples.owner("aaa", network: "other", interface: "eth1")
  private let third = Examples.owner("aaa", network: "third", interface: "eth2")
  private let addresses = ["10.1.0.5/24", "10.2.0.5/24", "10.3.0.5/24"]

  /// Publishes the same ports for each attachment, at addresses of its own network.
  private func publish(_ owners: [Owner]) throws {
    var rules = try HostRules()
    for (position, owner) in owners.enumerated() {
      try rules.add([Examples.publication(["tcp 8080 80", "tcp 127.0.0.1 81 81"], at: Examples.subnets(addresses[position]))], for: owner)
    }
  }

  private func holder() throws -> String { try Examples.elements("published") }

  @Test("the first network holds the ports, and CHECK is content with that")
  func holds() throws {
    try publish([first, second])
    #expect(try holder() == "tcp . 8080 comment \"net/aaa/eth0\" : 10.1.0.5 . 80")
    var rules = try HostRules()
    let wanted = Examples.publication(["tcp 8080 80", "tcp 127.0.0.1 81 81"], at: Examples.subnets(addresses[1]))
    #expect(try rules.verify([wanted], of: second) == [])
  }

  @Test(
    "when a network goes the next one gets the ports, in whatever order they go",
    arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0]])
  func inherits(order: [Int]) throws {
    let owners = [first, second, third]
    try publish(owners)
    var left = [0, 1, 2]
    var rules = try HostRules()
    for gone in order {
      try rules.remove([.publication], of: owners[gone])
      left.removeAll { $0 == gone }
      let expected = left.first.map { "tcp . 8080 comment \"\(owners[$0].label)\" : 10.\($0 + 1).0.5 . 80" } ?? ""
      #expect(try holder() == expected)
      #expect(try Examples.elements("published_at").contains("127.0.0.1 . tcp . 81") == !left.isEmpty)
      #expect(try Examples.elements("single_address_ports").isEmpty == left.isEmpty)
    }
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("GC of the network that holds the ports hands them on")
  func collected() throws {
    try publish([first, second])
    var rules = try HostRules()
    try rules.collectGarbage(network: "net", keeping: [])
    #expect(try holder() == "tcp . 8080 comment \"other/aaa/eth1\" : 10.2.0.5 . 80")
    try rules.collectGarbage(network: "other", keeping: [])
    #expect(try holder() == "")
  }

  @Test("another container is refused all the same")
  func otherContainer() throws {
    try publish([first, second])
    var rules = try HostRules()
    let other = Examples.owner("bbb")
    #expect(throws: PortConflict.self) {
      try rules.add([Examples.publication(["tcp 8080 80"], at: Examples.subnets("10.1.0.9/24"))], for: other)
    }
  }
}
