import Addresses
import Testing

@Suite("Addresses")
struct AddressesTests {
  @Test(
    "parses and prints the canonical text",
    arguments: [
      ("10.1.2.3", "10.1.2.3"), ("0.0.0.0", "0.0.0.0"), ("2001:DB8::0:1", "2001:db8::1"), ("::", "::"),
      ("fe80:0:0:0:1:0:0:1", "fe80::1:0:0:1"),
      ("::1.2.3.4", "::102:304"), ("::1:0", "::1:0"), ("::FFFF", "::ffff"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ])
  func canonicalText(source: String, expected: String) throws {
    #expect(try #require(IPAddress(source)).description == expected)
  }

  @Test(
    "refuses what is not an address",
    arguments: [
      "", "10.1.2", "10.1.2.256", "010.1.2.3", "1.2.3.4 ", "::1%lo", "10.1.2.3\0", "2001:db8:::1", String(repeating: "1", count: 100),
    ])
  func refusesText(text: String) { #expect(IPAddress(text) == nil) }

  @Test(
    "refuses what is not CIDR notation",
    arguments: [
      "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "::/129", "10.0.0.0/8/8", "/8", "10.0.0.0/٨",
    ])
  func refusesSubnet(text: String) { #expect(Subnet(text) == nil) }

  @Test("steps to either end of a family and not past it")
  func steps() throws {
    let last = try #require(IPAddress("255.255.255.255"))
    #expect(last.advanced(by: 1) == nil)
    #expect(last.advanced(by: -1)?.description == "255.255.255.254")
    #expect(IPAddress(.v6, 0).advanced(by: -1) == nil)
    #expect(IPAddress(.v6, .max).advanced(by: 1) == nil)
    #expect(IPAddress(.v6, 0).advanced(by: 1)?.description == "::1")
  }

  @Test(
    "knows a network's first and last address",
    arguments: [
      ("10.1.2.3/24", "10.1.2.0", "10.1.2.255", "255.255.255.0"), ("10.1.2.3/32", "10.1.2.3", "10.1.2.3", "255.255.255.255"),
      ("10.1.2.3/0", "0.0.0.0", "255.255.255.255", "0.0.0.0"),
      ("2001:db8::5/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::"),
      ("::1/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::"),
      ("::1/128", "::1", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
  func networkEnds(text: String, first: String, last: String, mask: String) throws {
    let subnet = try #require(Subnet(text))
    #expect(subnet.networkAddress.description == first)
    #expect(subnet.lastAddress.description == last)
    #expect(subnet.mask.description == mask)
    #expect(subnet.contains(subnet.address))
    #expect(subnet.network.isNetwork)
  }

  @Test("knows the special addresses of both families")
  func specialAddresses() throws {
    #expect(try ip("127.3.2.1").isLoopback && !ip("128.0.0.1").isLoopback)
    #expect(try ip("239.1.1.1").isMulticast && ip("ff02::1").isMulticast)
    #expect(try ip("169.254.1.1").isLinkLocal && ip("fe80::1").isLinkLocal && !ip("fec0::1").isLinkLocal)
    #expect(try ip("::ffff:10.0.0.1").isIPv4Mapped)
  }

  @Test("tells ranges that share an address from those that only touch")
  func ranges() throws {
    func range(_ first: String, _ last: String) throws -> AddressRange? { try AddressRange(ip(first), ip(last)) }
    let low = try #require(try range("10.0.0.1", "10.0.0.5")), all = try #require(try range("0.0.0.0", "255.255.255.255"))
    let touching = try #require(try range("10.0.0.6", "10.0.0.9")), sharing = try #require(try range("10.0.0.5", "10.0.0.9"))
    let sixth = try #require(try range("::", "::ffff:ffff"))
    #expect(low.overlaps(sharing))
    #expect(!low.overlaps(touching))
    #expect(!all.overlaps(sixth))
    #expect(low.count == 5)
    #expect(try range("10.0.0.2", "10.0.0.1") == nil)
  }

  private func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test(
    "parses and prints Ethernet addresses",
    arguments: [("C2:11:22:33:44:55", "c2:11:22:33:44:55"), ("00-00-00-00-00-01", "00:00:00:00:00:01")])
  func ethernet(source: String, expected: String) throws {
    let address = try #require(MACAddress(source))
    #expect(address.description == expected)
    #expect(MACAddress(bytes: address.bytes) == address)
  }

  @Test(
    "refuses what is not an Ethernet address",
    arguments: ["", "c2:11:22:33:44", "c2:11:22:33:44:5g", "c2:11-22:33:44:55", "c2:11:22:33:44:55:66", "c2.11.22.33.44.55"])
  func refusesEthernet(text: String) { #expect(MACAddress(text) == nil) }
}
