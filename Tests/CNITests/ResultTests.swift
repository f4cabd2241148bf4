import Addresses
import CNI
import JSON
import Testing

@Suite("Results")
struct ResultTests {
  private static let full = #"""
    {"cniVersion":"1.1.0","interfaces":[{"name":"br0","mac":"02:00:00:00:00:01","mtu":1400},{"name":"eth0","mac":"02:00:00:00:00:02","sandbox":"/run/netns/a","socketPath":"/s","pciID":"0000:00:01.0"}],"ips":[{"address":"10.1.2.3/24","gateway":"10.1.2.1","interface":1},{"address":"2001:db8::3/64","interface":1},{"address":"10.9.9.9/8"}],"routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.7.7.7/8","mtu":1300,"advmss":1200,"priority":5,"table":0,"scope":0},{"dst":"::/0","table":100,"scope":253}],"dns":{"nameservers":["10.1.2.1"],"domain":"d","search":["s"],"options":["o"]}}
    """#

  private static let routes = #"""
    "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},\#
    {"dst":"10.7.7.7/8","mtu":1300,"advmss":1200,"priority":5,"table":0,"scope":0},{"dst":"::/0","table":100,"scope":253}]
    """#
  private static let dns = #""dns":{"nameservers":["10.1.2.1"],"domain":"d","search":["s"],"options":["o"]}"#
  private static let interfaces = #"""
    "interfaces":[{"name":"br0","mac":"02:00:00:00:00:01"},\#
    {"name":"eth0","mac":"02:00:00:00:00:02","sandbox":"/run/netns/a"}]
    """#

  private func decode(_ text: String, _ version: CNIVersion) throws -> CNIResult {
    try CNIResult(ConfigurationValue(try JSONValue(parsing: Array(text.utf8)), path: "result").object(), version: version)
  }

  @Test("are written as each version has them", arguments: CNIVersion.allCases)
  func written(version: CNIVersion) throws {
    let expected =
      switch version {
      case .v010, .v020:
        #"{"cniVersion":"\#(version)","ip4":{"ip":"10.1.2.3/24","gateway":"10.1.2.1","routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.7.7.7/8","mtu":1300,"advmss":1200,"priority":5,"table":0,"scope":0}]},"ip6":{"ip":"2001:db8::3/64","routes":[{"dst":"::/0","table":100,"scope":253}]},\#(Self.dns)}"#
      case .v030, .v031, .v040:
        #"{"cniVersion":"\#(version)",\#(Self.interfaces),"ips":[{"version":"4","address":"10.1.2.3/24","gateway":"10.1.2.1","interface":1},{"version":"6","address":"2001:db8::3/64","interface":1},{"version":"4","address":"10.9.9.9/8"}],\#(Self.routes),\#(Self.dns)}"#
      case .v100:
        #"{"cniVersion":"1.0.0",\#(Self.interfaces),"ips":[{"address":"10.1.2.3/24","gateway":"10.1.2.1","interface":1},{"address":"2001:db8::3/64","interface":1},{"address":"10.9.9.9/8"}],\#(Self.routes),\#(Self.dns)}"#
      case .v110: Self.full
      }
    #expect(try decode(Self.full, .v110).json(version: version).text == expected)
  }

  @Test("come back from every version as far as it can hold them", arguments: CNIVersion.allCases)
  func roundTrip(version: CNIVersion) throws {
    let text = try decode(Self.full, .v110).json(version: version).text
    #expect(try decode(text, version).json(version: version).text == text)
  }

  @Test("of an old version are written in every newer one", arguments: CNIVersion.allCases)
  func upgrade(version: CNIVersion) throws {
    let old =
      #"{"ip4":{"ip":"10.0.0.2/24","gateway":"10.0.0.1","routes":[{"dst":"1.0.0.0/8"}]},"ip6":{"ip":"::2/64"},"dns":{"domain":"d"}}"#
    let result = try decode(old, .v020)
    #expect(result.addresses.map { $0.address.description } == ["10.0.0.2/24", "::2/64"])
    #expect(result.addresses.allSatisfy { $0.interface == nil })
    #expect(result.routes.count == 1)
    let again = try decode(result.json(version: version).text, version)
    #expect(again == result)
  }

  @Test("without an address cannot be written in the oldest versions", arguments: [CNIVersion.v010, .v020])
  func noAddress(version: CNIVersion) {
    let result = CNIResult(interfaces: [ResultInterface(name: "eth0", mac: nil)])
    let error = #expect(throws: CNIError.self) { try result.json(version: version) }
    #expect(error?.message == "cannot convert: no valid IP addresses")
  }

  @Test("with one address family leave the other out")
  func oneFamily() throws {
    let result = try decode(#"{"ips":[{"address":"::2/64"}],"routes":[{"dst":"0.0.0.0/0"}]}"#, .v100)
    #expect(try result.json(version: .v020).text == #"{"cniVersion":"0.2.0","ip6":{"ip":"::2/64"},"dns":{}}"#)
  }

  @Test("always have dns up to 0.4.0, and later only if there is some", arguments: CNIVersion.allCases.dropFirst(2))
  func emptyDNS(version: CNIVersion) throws {
    let text = try CNIResult().json(version: version).text
    #expect(text == (version < .v100 ? #"{"cniVersion":"\#(version)","dns":{}}"# : #"{"cniVersion":"\#(version)"}"#))
  }

  @Test("need no version of their own, and no exact spelling")
  func tolerant() throws {
    let result = try decode(
      #"{"IPs":[{"Address":"10.0.0.2/24","Gateway":"","interface":null,"version":"4","x":1}],"routes":null,"Interfaces":[],"y":{}}"#, .v040)
    #expect(result == CNIResult(addresses: [ResultAddress(Subnet(host: IPAddress(.v4, 0x0A00_0002)).with(prefixLength: 24))]))
  }

  @Test("drop zeroes that mean nothing, and keep table 0 and scope 0")
  func zeroes() throws {
    let result = try decode(#"{"routes":[{"dst":"::/0","mtu":0,"advmss":0,"priority":0,"table":0,"scope":0}]}"#, .v100)
    #expect(try result.json(version: .v100).text == #"{"cniVersion":"1.0.0","routes":[{"dst":"::/0","table":0,"scope":0}]}"#)
  }

  @Test("keep what is odd but legal: host bits of routes, InfiniBand addresses, indexes out of range")
  func odd() throws {
    let text = #"""
      {"cniVersion":"1.0.0","interfaces":[{"name":"ib0","mac":"80:00:02:08:fe:80:00:00:00:00:00:00:7c:fe:90:03:00:29:26:52"}],\#
      "ips":[{"address":"10.0.0.1/8","interface":-1}],"routes":[{"dst":"3ffe:ffff:0:1ff::1/64"},{"dst":"10.0.0.0/8","gw":"fe80::1"}]}
      """#
    #expect(try decode(text, .v100).json(version: .v100).text == text)
  }

  @Test("tell given dns lists from absent ones")
  func givenDNS() throws {
    #expect(try decode(#"{"dns":{"nameservers":[]}}"#, .v100).dns.isGiven)
    #expect(try decode(#"{"dns":{"nameservers":[]}}"#, .v100).dns.isEmpty)
    #expect(!(try decode(#"{"dns":{}}"#, .v100).dns.isGiven))
    #expect(!(try decode(#"{"dns":{"domain":"x"}}"#, .v100).dns.isEmpty))
  }

  @Test("give an interface's Ethernet address as a number")
  func mac() {
    #expect(ResultInterface(name: "e", mac: MACAddress(value: 0x02_0000_0000_0A)).mac == "02:00:00:00:00:0a")
    #expect(ResultInterface(name: "e", mac: MACAddress(value: 5)).macAddress == MACAddress(value: 5))
  }
}

extension Subnet {
  fileprivate func with(prefixLength: Int) -> Subnet { Subnet(address, prefixLength: prefixLength) ?? self }
}
