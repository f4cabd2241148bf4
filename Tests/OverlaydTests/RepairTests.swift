import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("what somebody removes", .networkNamespace)
struct RepairTests {
  static let damages = [
    "ip link del ovl.1", "ip link set ovl.1 down", "ip link set ovl.1 mtu 1300", "ip link set ovl.1 address 02:00:00:00:00:99",
    "ip route flush proto 79", "ip -6 route flush proto 79", "ip neigh flush dev ovl.1 nud permanent", "bridge fdb flush dev ovl.1",
    "ip addr flush dev ovl.1", "ip link set lan0 down up",
  ]

  @Test("comes back as it was", arguments: damages)
  func comesBack(_ damage: String) throws {
    let segment = try Segment(hosts: 2)
    try segment.start()
    let host = segment[1]
    try host.wait("everything") { try host.neighbors().count == 2 }
    let before = try Picture(host)
    if damage.hasSuffix(" down up") {
      try host.run("ip link set lan0 down")
      try host.run("ip link set lan0 up")
      // That is the administrator's: the kernel forgets IPv6 addresses.
      try host.run("ip addr replace fd00:2::1/64 dev lan0 nodad")
    } else if damage == "bridge fdb flush dev ovl.1" {
      // Old bridge(8) cannot flush.
      for (mac, to) in try host.forwarding() { try host.run("bridge fdb del \(mac) dev ovl.1 dst \(to)") }
    } else {
      try host.run(damage)
    }
    try host.wait("repair of: \(damage)") { try Picture(host) == before }
    #expect(host.daemon?.isRunning == true)
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }

  @Test("is left alone if it is not the overlay's: other routes, devices and neighbours")
  func leavesOthersAlone() throws {
    let segment = try Segment(hosts: 2)
    let host = segment[1]
    try host.run("ip route add 10.245.0.0/16 via 192.0.2.2 proto 79")
    try host.run("ip route add 10.244.99.0/24 via 192.0.2.2")
    try segment.hosts[0].start()
    try host.waitForLease()
    #expect(try host.run("ip route show 10.245.0.0/16").text.contains("192.0.2.2"))
    #expect(try host.run("ip route show 10.244.99.0/24").text.contains("192.0.2.2"))
  }

  @Test("a killed overlayd is not missed by packets, and the next one changes nothing", arguments: [SIGKILL, SIGTERM])
  func restart(_ signal: Int32) throws {
    let segment = try Segment(hosts: 2)
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    let lease = try segment[1].waitForLease(), before = try Picture(segment[1])
    let pings = try Pings(from: containers[0], to: containers[1])
    let status = segment[1].stop(signal)
    #expect(status == (signal == SIGTERM ? 0 : 128 + SIGKILL))
    try segment[1].start()
    #expect(try segment[1].waitForLease().key == lease.key)
    try segment[1].wait("readiness") { try segment[1].http("/readyz").status == 0 }
    #expect(try segment[1].metric("kernel_changes_total") == "0")
    #expect(try Picture(segment[1]) == before)
    try pings.expectNoLoss()
  }
}

/// What the kernel holds for the overlay on a host.
struct Picture: Equatable {
  let routes: [String: String]
  let ipv6Routes: String
  let neighbors: [String: String]
  let forwarding: [String: String]
  let addresses: String
  let link: [String]

  init(_ host: OverlayHost) throws {
    func attempt(_ line: String) throws -> String {
      try host.namespace.run { try Command.attempt(line.split(separator: " ").map(String.init)).text }
    }
    func table(_ line: String, _ key: String, _ value: String) throws -> [String: String] {
      let text = try attempt(line)
      guard let lines = try? JSONValue.parse(text).elements else { return [:] }
      return Dictionary(lines.map { ($0[key].string, $0[value].string) }, uniquingKeysWith: { $1 })
    }
    routes = try host.routes()
    ipv6Routes = try attempt("ip -6 route show proto 79")
    neighbors = try table("ip -j neigh show dev ovl.1 nud permanent", "dst", "lladdr")
    forwarding = try table("bridge -j fdb show dev ovl.1", "mac", "dst")
    addresses = try attempt("ip -br addr show dev ovl.1 scope global")
    let description = try? JSONValue.parse(attempt("ip -j link show ovl.1"))[0]
    link = ["mtu", "address"].map { description?[$0].string ?? "" } + ["\(description?["flags"].elements.contains("UP") == true)"]
  }
}
