import Addresses
import CNI
import JSON
import Overlay
import Testing

@Suite("what hosts of an overlay write")
struct LeaseTests {
  @Test("a lease is read as it was written")
  func lease() throws {
    var lease = Lease(subnet: Subnet("10.244.3.0/24"), ipv6Subnet: Subnet("fd00:244:3::/64"), dataPath: .vxlan)
    lease.publicAddress = IPAddress("192.0.2.1")
    lease.publicIPv6Address = IPAddress("fd00:2::1")
    lease.vni = 7
    lease.macAddress = MACAddress("02:00:00:00:00:01")
    lease.ipv6MACAddress = MACAddress("02:00:00:00:00:02")
    lease.hostName = "a"
    lease.holder = LeaseHolder(node: "n", instance: "i", since: 5)
    lease.expiry = 99
    #expect(try Lease(ConfigurationObject(lease.json)) == lease)
    lease.dataPath = .wireguard
    lease.wireguardKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    lease.port = 51820
    lease.ipv6Port = 51821
    #expect(try Lease(ConfigurationObject(lease.json)) == lease)
  }

  @Test(
    "a configuration has flannel's defaults",
    arguments: [
      (#"{"Network": "10.244.0.0/16"}"#, "10.244.1.0", "10.244.255.0", 24), (#"{"Network": "10.5.0.0/25"}"#, "10.5.0.32", "10.5.0.96", 27),
      (#"{"network": "10.0.0.0/8", "subnetlen": 20, "SubnetMin": "10.10.0.0", "SubnetMax": "10.99.0.0"}"#, "10.10.0.0", "10.99.0.0", 20),
    ])
  func defaults(_ text: String, _ first: String, _ last: String, _ length: Int) throws {
    let configuration = try OverlayNetworkConfiguration(parsing: Array(text.utf8))
    #expect(configuration.ipv4?.first.description == first && configuration.ipv4?.last.description == last)
    #expect(configuration.ipv4?.subnetLength == length && configuration.vni == 1 && configuration.port == 8472)
    #expect(try OverlayNetworkConfiguration(ConfigurationObject(configuration.json)) == configuration)
  }

  @Test("WireGuard has flannel's defaults: a tunnel for each family, at two ports", arguments: [nil] + WireGuardMode.allCases)
  func tunnels(_ mode: WireGuardMode?) throws {
    let further = mode.map { #", "Mode": "\#($0.rawValue)", "ListenPortV6": 4001"# } ?? ""
    let text = #"{"Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48", "Backend": {"Type": "wireguard"\#(further)}}"#
    let configuration = try OverlayNetworkConfiguration(parsing: Array(text.utf8))
    #expect(configuration.wireguardMode == mode ?? .separate)
    #expect(configuration.port == 51820 && configuration.ipv6Port == (mode == nil ? 51821 : 4001))
    #expect(try OverlayNetworkConfiguration(ConfigurationObject(configuration.json)) == configuration)
  }

  @Test(
    "a configuration that cannot be is refused by the member's name",
    arguments: [
      (#"{}"#, "field Network: expected the overlay's network"),
      (#"{"Network": "10.244.0.1/16"}"#, "field Network: expected an IPv4 network"),
      (#"{"Network": "10.244.0.0/16", "SubnetLen": 12}"#, "field SubnetLen: expected 17 to 30"),
      (
        #"{"Network": "10.244.0.0/16", "SubnetMin": "10.245.0.0"}"#, "field SubnetMin: expected the first address of a /24 in 10.244.0.0/16"
      ),
      (
        #"{"Network": "10.244.0.0/16", "SubnetMin": "10.244.9.0", "SubnetMax": "10.244.8.0"}"#,
        "field SubnetMax: expected 10.244.9.0 or later"
      ),
      (#"{"Network": "10.244.0.0/16", "Backend": {"Type": "udp"}}"#, "field Backend.Type: expected vxlan, host-gw, wireguard"),
      (#"{"Network": "10.244.0.0/16", "Backend": {"VNI": 0}}"#, "field Backend.VNI: expected 1 to 16777215"),
      (#"{"Network": "10.244.0.0/16", "Backend": {"Type": "wireguard", "PSK": "x"}}"#, "field Backend.PSK: expected 32 bytes in Base64"),
      (
        #"{"Network": "10.244.0.0/16", "Backend": {"Type": "wireguard", "Mode": "both"}}"#,
        "field Backend.Mode: expected separate, auto, ipv4, ipv6, got \"both\""
      ),
      (
        #"{"Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48", "Backend": {"Type": "wireguard", "ListenPort": 51821}}"#,
        "field Backend.ListenPortV6: expected another port than that of the tunnels by IPv4"
      ),
      (#"{"Network": "10.244.0.0/31"}"#, "field Network: expected a network of /29 at the most"),
    ])
  func refusals(_ text: String, _ message: String) {
    let error = #expect(throws: CNIError.self) { _ = try OverlayNetworkConfiguration(parsing: Array(text.utf8)) }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test("the parts of a network are counted and found")
  func parts() throws {
    let pool = try #require(OverlayNetworkConfiguration(parsing: Array(#"{"Network": "10.244.0.0/16"}"#.utf8)).ipv4)
    #expect(pool.count == 255)
    #expect(pool.subnet(0)?.description == "10.244.1.0/24" && pool.subnet(254)?.description == "10.244.255.0/24")
    #expect(try pool.contains(#require(Subnet("10.244.7.0/24"))) && !pool.contains(#require(Subnet("10.244.0.0/24"))))
    #expect(try !pool.contains(#require(Subnet("10.244.7.0/25"))))
  }

  @Test("flannel's file is read and written")
  func environment() throws {
    let text = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n"
    let environment = try SubnetEnvironment(parsing: text)
    #expect(environment.subnet?.description == "10.244.3.1/24" && environment.text == text)
    let error = #expect(throws: CNIError.self) { _ = try SubnetEnvironment(parsing: "FLANNEL_SUBNET=10.244.3.1\n") }
    #expect(error?.message.hasPrefix("field FLANNEL_SUBNET: expected an address with a prefix length") == true)
  }

  @Test("of two claims the earlier goes first, and flannel's before ours")
  func precedence() throws {
    var early = Lease(subnet: Subnet("10.244.3.0/24")), late = early, foreign = early
    early.holder = LeaseHolder(node: "b", instance: "b", since: 1)
    late.holder = LeaseHolder(node: "a", instance: "a", since: 2)
    foreign.publicAddress = IPAddress("192.0.2.9")
    #expect(early.precedes(late) && !late.precedes(early))
    #expect(foreign.precedes(early) && !early.precedes(foreign))
    #expect(!early.isHeld(bySameAs: late) && early.isHeld(bySameAs: early) && !early.isHeld(bySameAs: foreign))
  }
}
