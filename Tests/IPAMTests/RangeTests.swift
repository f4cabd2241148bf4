import Addresses
import IPAM
import Testing

@Suite("Ranges")
struct RangeTests {
  @Test(
    "fills in first address, last address and gateway",
    arguments: [
      ("192.0.2.0/24", "192.0.2.1-192.0.2.254", "192.0.2.1"), ("10.0.0.0/25", "10.0.0.1-10.0.0.126", "10.0.0.1"),
      ("10.0.0.4/30", "10.0.0.5-10.0.0.6", "10.0.0.5"),
      ("2001:db8:1::/64", "2001:db8:1::1-2001:db8:1:0:ffff:ffff:ffff:ffff", "2001:db8:1::1"),
      ("fd00::/126", "fd00::1-fd00::3", "fd00::1"),
    ])
  func defaults(subnet: String, range: String, gateway: String) throws {
    let pool = try pool(subnet)
    #expect(pool.description == range)
    #expect(pool.gateway.description == gateway)
  }

  @Test(
    "refuses a pool in the reference's words",
    arguments: [
      (["192.0.2.0/31"], "Network 192.0.2.0/31 too small to allocate from"),
      (["192.0.2.1/32"], "Network 192.0.2.1/32 too small to allocate from"),
      (["2001:db8::/127"], "Network 2001:db8::/127 too small to allocate from"),
      (["192.0.2.12/24"], "Network has host bits set. For a subnet mask of length 24 the network address is 192.0.2.0"),
      (
        ["2001:db8:1::24:19ff:fee1:c44a/64"],
        "Network has host bits set. For a subnet mask of length 64 the network address is 2001:db8:1::"
      ),
      (["192.0.2.0/24", "192.0.3.0"], "RangeStart 192.0.3.0 not in network 192.0.2.0/24"),
      (["192.0.2.0/24", "192.0.1.255", "192.0.2.9"], "RangeStart 192.0.1.255 not in network 192.0.2.0/24"),
      (["192.0.2.0/24", "fd00::1"], "RangeStart fd00::1 not in network 192.0.2.0/24"),
      (["192.0.2.0/24", "192.0.2.5", "192.0.4.0"], "RangeEnd 192.0.4.0 not in network 192.0.2.0/24"),
      (["192.0.2.0/24", "192.0.2.50", "192.0.2.40"], "RangeStart 192.0.2.50 not in network 192.0.2.0/24"),
      (["192.0.2.0/24", "192.0.2.255"], "RangeStart 192.0.2.255 not in network 192.0.2.0/24"),
    ])
  func refusesPool(words: [String], message: String) {
    let error = #expect(throws: RangeError.self) { try pool(words[0], words.dropFirst().first, words.dropFirst(2).first) }
    #expect(error?.description == message)
  }

  @Test("refuses a last address before the default first one, and a gateway of the other family")
  func refusesRest() {
    #expect(throws: RangeError.self) { try pool("192.0.2.0/24", nil, "192.0.2.0") }
    #expect(throws: RangeError.self) { try pool("192.0.2.0/24", gateway: "fd00::1") }
  }

  @Test("accepts a gateway outside the subnet")
  func foreignGateway() throws { #expect(try pool("192.0.2.0/24", gateway: "10.0.0.1").gateway.description == "10.0.0.1") }

  @Test("refuses sets and plans in the reference's words")
  func refusesSets() throws {
    func message(_ body: () throws -> Void) -> String? { #expect(throws: RangeError.self) { try body() }?.description }
    #expect(message { _ = try RangeSet([]) } == "empty range set")
    #expect(message { _ = try RangeSet([pool("10.0.0.0/24"), pool("fd00::/64")]) } == "mixed address families")
    #expect(
      message { _ = try RangeSet([pool("10.1.0.0/22"), pool("10.1.2.0/24")]) }
        == "subnets 10.1.0.1-10.1.3.254 and 10.1.2.1-10.1.2.254 overlap")
    #expect(message { _ = try AddressPlan([]) } == "no IP ranges specified")
    #expect(
      message {
        _ = try plan([pool("10.0.0.0/24"), pool("10.0.1.0/24")], [pool("fd00::/64")], [pool("10.0.2.0/24"), pool("10.0.1.0/24")])
      }
        == "range set 0 overlaps with 2")
  }

  @Test("measures overlap by ranges, not by subnets")
  func overlapOfRanges() throws {
    #expect(throws: Never.self) { try RangeSet([pool("10.0.0.0/24", nil, "10.0.0.9"), pool("10.0.0.0/24", "10.0.0.10")]) }
    #expect(throws: RangeError.self) { try RangeSet([pool("10.0.0.0/24", nil, "10.0.0.9"), pool("10.0.0.0/24", "10.0.0.9")]) }
  }

  @Test("knows plans with two addresses of one family")
  func families() throws {
    #expect(try !AddressPlan.hasSeveralOfOneFamily([RangeSet([pool("10.0.0.0/24")]), RangeSet([pool("fd00::/64")])]))
    #expect(try AddressPlan.hasSeveralOfOneFamily([RangeSet([pool("10.0.0.0/24")]), RangeSet([pool("10.0.1.0/24")])]))
  }

  @Test("finds that ten thousand ranges do not overlap")
  func manyRanges() throws {
    let pools = try (0..<10_000).map { try pool("10.\($0 >> 8).\($0 & 255).0/24") }
    #expect(try RangeSet(pools).pools.count == 10_000)
  }
}
