import Addresses
import IPAM
import Linux
import Testing

@Suite("Allocation")
struct AllocationTests {
  let folder: LeaseFolder

  init() throws { folder = try LeaseFolder() }

  @Test(
    "starts after the gateway and goes on after a release", arguments: [("10.1.2.0/24", "10.1.2."), ("2001:db8:1::/64", "2001:db8:1::")])
  func firstAddresses(subnet: String, prefix: String) throws {
    let plan = try plan([pool(subnet)])
    #expect(try folder.allocate(owner("a"), plan) == ["\(prefix)2"])
    #expect(try folder.release(owner("a")) == ["\(prefix)2"])
    #expect(try folder.allocate(owner("a"), plan) == ["\(prefix)3"])
  }

  @Test("gives the subnet's mask and gateway with the address")
  func maskAndGateway() throws {
    var store = try folder.store()
    let allocated = try store.allocate(for: owner("a"), from: plan([pool("10.1.0.0/16", "10.1.9.9", gateway: "10.1.255.254")]))
    #expect(allocated.map(\.address.description) == ["10.1.9.9/16"])
    #expect(allocated.map(\.gateway.description) == ["10.1.255.254"])
  }

  @Test("goes round all ranges of a set, and skips gateways and addresses in use")
  func roundRobin() throws {
    let plan = try plan([pool("10.0.0.0/29", nil, "10.0.0.3"), pool("10.0.1.0/29", "10.0.1.1", "10.0.1.4", gateway: "10.0.1.2")])
    try folder.write("10.0.1.3", "x\r\neth0")
    #expect(try (0..<4).map { try folder.allocate(owner("c\($0)"), plan)[0] } == ["10.0.0.2", "10.0.0.3", "10.0.1.1", "10.0.1.4"])
    try folder.release(owner("c1"))
    #expect(try folder.allocate(owner("again"), plan) == ["10.0.0.3"])
  }

  @Test("tries the last address at the very end")
  func lastOneLast() throws {
    let plan = try plan([pool("10.0.0.0/29", "10.0.0.2", "10.0.0.4")])
    try folder.write("last_reserved_ip.0", "10.0.0.3")
    #expect(try (0..<3).map { try folder.allocate(owner("c\($0)"), plan)[0] } == ["10.0.0.4", "10.0.0.2", "10.0.0.3"])
  }

  @Test("starts at the beginning where the last address helps nothing", arguments: ["192.168.0.1", "", "rubbish", "fd00::1", "10.0.0.3\n"])
  func uselessLast(text: String) throws {
    try folder.write("last_reserved_ip.0", text)
    #expect(try folder.allocate(owner("a"), plan([pool("10.0.0.0/29")])) == ["10.0.0.2"])
  }

  @Test("takes one address out of each set, in the order of the sets")
  func severalSets() throws {
    let plan = try plan([pool("fd00::/64")], [pool("10.0.0.0/24")], [pool("10.0.1.0/24")])
    #expect(try folder.allocate(owner("a"), plan) == ["fd00::2", "10.0.0.2", "10.0.1.2"])
    #expect(
      try folder.visibleNames == [
        "10.0.0.2", "10.0.1.2", "fd00::2", "last_reserved_ip.0", "last_reserved_ip.1", "last_reserved_ip.2", "lock",
      ])
    #expect(try folder.release(owner("a")).count == 3)
    #expect(try folder.leasedAddresses == [])
  }

  @Test("says that a range is full, and gives back what it had taken before")
  func full() throws {
    let plan = try plan([pool("10.1.0.0/24")], [pool("10.0.0.0/30")])
    try folder.allocate(owner("a"), plan)
    let error = #expect(throws: AllocationError.self) { try folder.allocate(owner("b"), plan) }
    #expect(error?.description == "failed to allocate for range 1: no IP addresses available in range set: 10.0.0.1-10.0.0.2")
    #expect(try folder.leasedAddresses == ["10.0.0.2", "10.1.0.2"])
    #expect(try folder.indexNames.filter { $0.hasPrefix("b:") } == [])
  }

  @Test("hands out requested addresses, each from the set it lies in")
  func requested() throws {
    let plan = try plan([pool("10.0.0.0/24")], [pool("fd00::/64")])
    #expect(try folder.allocate(owner("a"), plan, ["fd00::77", "10.0.0.77"]) == ["10.0.0.77", "fd00::77"])
    #expect(try folder.allocate(owner("b"), plan) == ["10.0.0.78", "fd00::78"])
  }

  @Test(
    "refuses requests in the reference's words, and leases nothing",
    arguments: [
      (["10.0.0.5"], "failed to allocate for range 0: requested IP address 10.0.0.5 is not available in range set 10.0.0.1-10.0.0.6"),
      (["10.0.0.1"], "failed to allocate for range 0: requested ip 10.0.0.1 is subnet's gateway"),
      (["10.1.2.77"], "failed to allocate all requested IPs: 10.1.2.77"),
      (["10.0.0.2", "10.0.0.3", "fd00::1"], "failed to allocate all requested IPs: 10.0.0.3 fd00::1"),
    ])
  func refusedRequests(requested: [String], message: String) throws {
    try folder.write("10.0.0.5", "other\r\neth0")
    let error = #expect(throws: AllocationError.self) { try folder.allocate(owner("a"), plan([pool("10.0.0.0/29")]), requested) }
    #expect(error?.description == message)
    #expect(try folder.leasedAddresses == ["10.0.0.5"])
  }

  @Test("counts a repeated request once")
  func repeatedRequest() throws {
    #expect(try folder.allocate(owner("a"), plan([pool("10.0.0.0/24")]), ["10.0.0.9", "10.0.0.9"]) == ["10.0.0.9"])
  }

  @Test("refuses a second address of a set for the same attachment, however it was leased", arguments: ["a\r\neth0", "a", "a\r\neth0\n"])
  func duplicate(content: String) throws {
    try folder.write("10.0.0.9", content)
    let plan = try plan([pool("10.0.0.0/24")])
    for requested in [[], ["10.0.0.10"]] {
      let error = #expect(throws: AllocationError.self) { try folder.allocate(owner("a"), plan, requested) }
      #expect(error?.description == "failed to allocate for range 0: 10.0.0.9 has been allocated to a, duplicate allocation is not allowed")
    }
    #expect(try folder.leasedAddresses == ["10.0.0.9"])
  }

  @Test("keeps interfaces, containers and networks apart")
  func independence() throws {
    let plan = try plan([pool("10.0.0.0/24")])
    #expect(try folder.allocate(owner("a"), plan) == ["10.0.0.2"])
    #expect(try folder.allocate(owner("a", "eth1"), plan) == ["10.0.0.3"])
    #expect(try folder.allocate(owner("ab"), plan) == ["10.0.0.4"])
    #expect(try folder.release(owner("a")) == ["10.0.0.2"])
    #expect(try folder.release(owner("a")) == [])
    #expect(try folder.leasedAddresses == ["10.0.0.3", "10.0.0.4"])
    #expect(try LeaseFolder().allocate(owner("a"), plan) == ["10.0.0.2"])
  }

  @Test("hands out every address of a small range once and then no more")
  func exhaustive() throws {
    let plan = try plan([pool("10.0.0.0/24")])
    let addresses = try (0..<253).map { try folder.allocate(owner("c\($0)"), plan)[0] }
    #expect(Set(addresses).count == 253)
    #expect(throws: AllocationError.self) { try folder.allocate(owner("late"), plan) }
    var store = try folder.store()
    #expect(try store.exhaustedSet(of: plan) == 0)
    try store.release(owner("c7"))
    #expect(try store.exhaustedSet(of: plan) == nil)
  }

  @Test("allocates at the end of IPv6 and of IPv4")
  func ends() throws {
    let high = try plan([pool("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")])
    #expect(try folder.allocate(owner("a"), high) == ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"])
    #expect(try folder.allocate(owner("b"), high) == ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])
    #expect(throws: AllocationError.self) { try folder.allocate(owner("c"), high) }
    #expect(try LeaseFolder().allocate(owner("a"), plan([pool("0.0.0.0/0", "255.255.255.254")])) == ["255.255.255.254"])
    #expect(try LeaseFolder().allocate(owner("a"), plan([pool("::/0")])) == ["::2"])
  }

  @Test("finds the one free address among 64 000 leases, and that there is none, by listing the folder once")
  func nearlyFull() throws {
    let plan = try plan([pool("10.0.0.0/16", "10.0.0.2", "10.0.250.1")])
    var store = try folder.store()
    for number in 0..<64_000 { _ = try store.allocate(for: owner("c\(number)"), from: plan) }
    try store.release(owner("c31999"))
    #expect(try store.allocate(for: owner("late"), from: plan).map(\.address.description) == ["10.0.125.1/16"])
    #expect(throws: AllocationError.self) { try store.allocate(for: owner("later"), from: plan) }
    _ = consume store
    #expect(throws: AllocationError.self) { try folder.allocate(owner("later"), plan) }
    #expect(try folder.release(owner("c63999")) == ["10.0.250.1"])
  }
}
