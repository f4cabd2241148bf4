import Addresses
import Overlay
import OverlayDataPlane
import Testing
import WireGuard

@Suite("what the kernel is to hold for an overlay of WireGuard")
struct PlanTests {
  private static let keys = (1...3).map { String(repeating: "\($0)", count: 42) + "g=" }

  private func lease(_ number: Int, key: String?, since: Int64 = 0) -> Lease {
    var lease = Lease(subnet: Subnet("10.244.\(number).0/24"), ipv6Subnet: Subnet("fd00:244:\(number)::/64"), dataPath: .wireguard)
    lease.publicAddress = IPAddress("192.0.2.\(number)")
    lease.wireguardKey = key
    lease.holder = LeaseHolder(node: "\(number)", instance: "\(number)", since: since)
    return lease
  }

  private func plan(_ text: String = #"{"Network": "10.244.0.0/16", "Backend": {"Type": "wireguard"}}"#) throws -> DataPlanePlan {
    let underlay = Underlay(
      publicAddress: IPAddress("192.0.2.1"), link: (5, "eth0"), mtu: 1500, networks: [try #require(Subnet("192.0.2.0/24"))])
    var plan = DataPlanePlan(
      try OverlayNetworkConfiguration(parsing: Array(text.utf8)), own: lease(1, key: PlanTests.keys[0]), underlay: underlay, mtu: 1440)
    plan.privateKey = WireGuardPrivateKey(bytes: [UInt8](repeating: 1, count: 32), publicKey: try #require(WireGuardKey(PlanTests.keys[0])))
    return plan
  }

  @Test("each host is one peer with its networks, and a route to each of them; a record's own port goes before the network's")
  func peers() throws {
    var second = lease(2, key: PlanTests.keys[1])
    second.port = 7777
    let third = lease(3, key: PlanTests.keys[2])
    let (goal, paths) = try plan().goal([second, third])
    func peer(_ lease: Lease, _ port: UInt16) throws -> KernelEntry {
      .peer(
        WireGuardPeer(
          try #require(WireGuardKey(lease.wireguardKey ?? "")),
          endpoint: .init(try #require(lease.publicAddress), port: port), allowed: Set(lease.subnets)), on: .main)
    }
    let own = lease(1, key: nil).subnets.map { KernelEntry.address(Subnet(host: $0.address), on: .main) }
    let routes = (second.subnets + third.subnets).map { KernelEntry.deviceRoute($0, on: .main) }
    #expect(try goal.entries == Set(own + routes + [peer(second, 7777), peer(third, 51820)]))
    #expect(paths == [second.key: .success(.wireguard), third.key: .success(.wireguard)])
    #expect(goal.device?.name == "ovl.1")
  }

  @Test("a key that is none, another's, or this host's own, and a host without one, is a fault of that host alone")
  func faults() throws {
    let good = lease(2, key: PlanTests.keys[1], since: 1), late = lease(3, key: PlanTests.keys[1], since: 2)
    let others = [lease(4, key: nil), lease(5, key: "short"), lease(6, key: PlanTests.keys[0])]
    for order in [[good, late] + others, others + [late, good]] {
      let (goal, paths) = try plan().goal(order)
      #expect(goal.entries.count { if case .peer = $0 { true } else { false } } == 1)
      #expect(paths[good.key] == .success(.wireguard))
      func fault(_ lease: Lease) -> String { if case .failure(let fault) = paths[lease.key] { fault.description } else { "" } }
      #expect(fault(late).contains("the same WireGuard key as \(good.key)"))
      #expect(fault(others[0]) == "it has published no WireGuard key")
      #expect(fault(others[1]).contains(#"expected to be 32 bytes in Base64, got "short""#))
      #expect(fault(others[2]).contains("the same WireGuard key as 10.244.1.0/24"))
    }
  }

  @Test("a secret of the network is every peer's")
  func secret() throws {
    let text = #"{"Network": "10.244.0.0/16", "Backend": {"Type": "wireguard", "PSK": "\#(PlanTests.keys[2])", "ListenPort": 4000}}"#
    let (goal, _) = try plan(text).goal([lease(2, key: PlanTests.keys[1])])
    let peers = goal.entries.compactMap { if case .peer(let peer, _) = $0 { peer } else { nil } }
    #expect(peers.map(\.presharedKey) == [WireGuardKey(PlanTests.keys[2])] && peers.map(\.endpoint?.port) == [4000])
  }

  @Test(
    "what WireGuard adds to a packet is left free: 60 bytes over IPv4, 80 over IPv6",
    arguments: [("ipv4", UInt32(1440)), ("ipv6", 1420), ("auto", 1420), ("separate", 1420)])
  func mtu(_ mode: String, _ expected: UInt32) throws {
    let configuration = try OverlayNetworkConfiguration(
      parsing: Array(#"{"Network": "10.244.0.0/16", "Backend": {"Type": "wireguard", "Mode": "\#(mode)"}}"#.utf8))
    var own = lease(1, key: nil)
    own.publicIPv6Address = IPAddress("fd00:2::1")
    #expect(DataPlanePlan.mtu(configuration, underlayMTU: 1500, own) == expected)
    // With IPv4 alone below there is no tunnel by IPv6.
    own.publicIPv6Address = nil
    #expect(mode == "ipv6" || DataPlanePlan.mtu(configuration, underlayMTU: 1500, own) == 1440)
  }
}
