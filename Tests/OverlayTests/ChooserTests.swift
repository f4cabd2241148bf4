import Addresses
import Overlay
import OverlayControl
import Testing

@Suite("the choice of a lease")
struct ChooserTests {
  private let configuration: OverlayNetworkConfiguration

  init() throws {
    configuration = try OverlayNetworkConfiguration(
      parsing: Array(
        #"{"Network": "10.244.0.0/16", "SubnetMin": "10.244.1.0", "SubnetMax": "10.244.3.0", "IPv6Network": "fd00:244::/48"}"#.utf8))
  }

  private func lease(_ number: Int, node: String? = nil, address: String = "192.0.2.9") -> Lease {
    var lease = Lease(subnet: Subnet("10.244.\(number).0/24"), ipv6Subnet: Subnet("fd00:244:0:\(number)::/64"))
    lease.publicAddress = IPAddress(address)
    lease.holder = node.map { LeaseHolder(node: $0, instance: "i", since: 1) }
    return lease
  }

  @Test("falls on the only free part, in both families the same number")
  func onlyFree() {
    let chooser = LeaseChooser(configuration, StoreContents(leases: [lease(1, node: "x"), lease(3, node: "y")]))
    #expect(chooser.choose(node: "z") == lease(2).key)
    #expect(chooser.choose(node: "z", preferred: lease(1).key) == lease(2).key)
  }

  @Test("leaves a quarantined part to the host that had it")
  func quarantine() {
    let contents = StoreContents(leases: [lease(1, node: "x"), lease(3, node: "y")], quarantined: [Quarantine(lease(2).key, node: "w")])
    #expect(LeaseChooser(configuration, contents).choose(node: "z") == nil)
    #expect(LeaseChooser(configuration, contents).choose(node: "w", preferred: lease(2).key) == lease(2).key)
  }

  @Test("a host has the lease of its node, else that of its address")
  func existing() throws {
    let address = try #require(IPAddress("192.0.2.1"))
    let contents = StoreContents(leases: [lease(1, node: "x"), lease(2, address: "192.0.2.1"), lease(3, node: "y", address: "192.0.2.3")])
    let chooser = LeaseChooser(configuration, contents)
    #expect(chooser.existing(node: "y", publicAddresses: [address])?.key == lease(3).key)
    #expect(chooser.existing(node: "z", publicAddresses: [address])?.key == lease(2).key)
    #expect(try chooser.existing(node: "z", publicAddresses: [#require(IPAddress("192.0.2.7"))]) == nil)
  }
}
