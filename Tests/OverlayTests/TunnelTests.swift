import Addresses
import Overlay
import OverlayDataPlane
import Testing
import WireGuard

@Suite("which WireGuard tunnels two hosts have")
struct TunnelTests {
  /// A host with these addresses on the underlay.
  private func lease(_ number: Int, _ underlay: [IPAddress.Family], _ overlay: [IPAddress.Family] = [.v4, .v6]) -> Lease {
    var lease = Lease(dataPath: .wireguard)
    if overlay.contains(.v4) { lease.subnet = Subnet("10.244.\(number).0/24") }
    if overlay.contains(.v6) { lease.ipv6Subnet = Subnet("fd00:244:\(number)::/64") }
    if underlay.contains(.v4) { lease.publicAddress = IPAddress("192.0.2.\(number)") }
    if underlay.contains(.v6) { lease.publicIPv6Address = IPAddress("fd00:2::\(number)") }
    lease.wireguardKey = String(repeating: "\(number)", count: 42) + "g="
    return lease
  }

  /// What leads from one host to another: for each device its port here, and where to and what for.
  private func ways(_ mode: String?, from own: Lease, to peer: Lease) throws -> [String] {
    let networks = [own.subnet.map { _ in #""Network": "10.244.0.0/16""# }, own.ipv6Subnet.map { _ in #""IPv6Network": "fd00:244::/48""# }]
    let text =
      "{\(networks.compactMap { $0 }.joined(separator: ", ")), \"Backend\": {\"Type\": \"wireguard\"\(mode.map { ", \"Mode\": \"\($0)\"" } ?? "")}}"
    let underlay = Underlay(publicAddress: own.publicAddress, link: (5, "eth0"), mtu: 1500, networks: [])
    var plan = DataPlanePlan(try OverlayNetworkConfiguration(parsing: Array(text.utf8)), own: own, underlay: underlay, mtu: 1420)
    let key = try #require(WireGuardKey(own.wireguardKey ?? ""))
    plan.privateKey = WireGuardPrivateKey(bytes: [UInt8](repeating: 1, count: 32), publicKey: key)
    let (goal, paths) = plan.goal([peer])
    if case .failure(let fault) = paths[peer.key] { return [fault.description] }
    var ways: [String] = []
    for (role, device) in [(TunnelDevice.Role.main, goal.device), (.ipv6, goal.ipv6Device)] {
      guard case .wireguard(let device) = device else { continue }
      var way = "\(device.name):\(device.port)"
      for case .peer(let peer, role) in goal.entries {
        way += " -> \(peer.endpoint.map { "\($0)" } ?? "")"
        let routes = goal.entries.compactMap { if case .deviceRoute(let subnet, role) = $0 { subnet } else { nil } }
        #expect(Set(routes) == peer.allowed)
        way += " \(peer.allowed.map { $0.family == .v4 ? "IPv4" : "IPv6" }.sorted().joined(separator: "+"))"
      }
      ways.append(way)
    }
    return ways
  }

  @Test("in flannel's default mode each family has a tunnel by its own underlay, at flannel's two ports", arguments: [nil, "separate"])
  func separate(_ mode: String?) throws {
    let ways = try ways(mode, from: lease(1, [.v4, .v6]), to: lease(2, [.v4, .v6]))
    #expect(ways == ["ovl.1:51820 -> 192.0.2.2:51820 IPv4", "ovl.1v6:51821 -> [fd00:2::2]:51821 IPv6"])
  }

  @Test("the ports of a record go before those of the network")
  func ports() throws {
    var peer = lease(2, [.v4, .v6])
    (peer.port, peer.ipv6Port) = (7000, 7001)
    let ways = try ways(nil, from: lease(1, [.v4, .v6]), to: peer)
    #expect(ways == ["ovl.1:51820 -> 192.0.2.2:7000 IPv4", "ovl.1v6:51821 -> [fd00:2::2]:7001 IPv6"])
  }

  @Test("a family that one of both has no underlay for goes by the other one, and both ends find the same")
  func missingUnderlay() throws {
    let both = lease(1, [.v4, .v6]), old = lease(2, [.v4]), new = lease(3, [.v6])
    #expect(try ways(nil, from: both, to: old) == ["ovl.1:51820 -> 192.0.2.2:51820 IPv4+IPv6", "ovl.1v6:51821"])
    #expect(try ways(nil, from: old, to: both) == ["ovl.1:51820 -> 192.0.2.1:51820 IPv4+IPv6"])
    #expect(try ways(nil, from: both, to: new) == ["ovl.1:51820", "ovl.1v6:51821 -> [fd00:2::3]:51821 IPv4+IPv6"])
    #expect(try ways(nil, from: new, to: both) == ["ovl.1:51821 -> [fd00:2::1]:51821 IPv4+IPv6"])
    #expect(try ways(nil, from: new, to: old) == ["it has no public IPv6 address, and this host's tunnel uses that"])
  }

  @Test("an overlay of one family has one tunnel, by its own underlay")
  func oneFamily() throws {
    let old = (1...2).map { lease($0, [.v4, .v6], [.v4]) }, new = (1...2).map { lease($0, [.v4, .v6], [.v6]) }
    #expect(try ways(nil, from: old[0], to: old[1]) == ["ovl.1:51820 -> 192.0.2.2:51820 IPv4"])
    #expect(try ways(nil, from: new[0], to: new[1]) == ["ovl.1:51821 -> [fd00:2::2]:51821 IPv6"])
    #expect(try ways(nil, from: lease(1, [.v6], [.v4]), to: lease(2, [.v6], [.v4])) == ["ovl.1:51820 -> [fd00:2::2]:51820 IPv4"])
  }

  @Test("in the other modes there is one tunnel for both families, by the addresses that the mode names")
  func single() throws {
    let both = (1...2).map { lease($0, [.v4, .v6]) }, new = lease(2, [.v6])
    #expect(try ways("ipv4", from: both[0], to: both[1]) == ["ovl.1:51820 -> 192.0.2.2:51820 IPv4+IPv6"])
    #expect(try ways("ipv6", from: both[0], to: both[1]) == ["ovl.1:51820 -> [fd00:2::2]:51820 IPv4+IPv6"])
    #expect(try ways("auto", from: both[0], to: both[1]) == ["ovl.1:51820 -> 192.0.2.2:51820 IPv4+IPv6"])
    #expect(try ways("auto", from: both[0], to: new) == ["ovl.1:51820 -> [fd00:2::2]:51820 IPv4+IPv6"])
    #expect(try ways("ipv4", from: both[0], to: new) == ["it has no public IPv4 address, and this host's tunnel uses that"])
  }
}
