import Addresses
import Netlink
import Routing
import TestSupport
import Testing

@Suite("A change while a link is down", .networkNamespace)
struct WhileDownTests {
  /// Addresses and routes, without those of duplicate address detection, and without the flag `linkdown`, which follows a little later.
  private func state() throws -> String {
    try ["-4 route show table all dev v0", "-6 route show dev v0 proto boot", "-6 addr show dev v0 scope global"].map {
      try Command.run("ip -o \($0)").text.split(separator: " ").filter { $0 != "linkdown" }.joined(separator: " ")
    }.joined()
  }

  private func prepare() throws {
    for line in [
      "ip link add v0 type veth peer name v1", "ip link set v1 up", "ip link set v0 up", "ip addr add 10.9.0.2/24 dev v0",
      "ip addr add fd00:9::2/64 dev v0 nodad", "ip route add default via 10.9.0.1", "ip route add fd00:8::/64 via fd00:9::1",
      "ip route add 10.7.0.0/16 dev v0 table 77", "ip route add 10.6.0.0/16 via 10.7.0.1 onlink dev v0 metric 5",
    ] { try Command.run(line) }
  }

  @Test("loses neither addresses nor routes")
  func keeps() throws {
    try prepare()
    var socket = try RouteSocket()
    let link = try #require(try socket.link(named: "v0")), before = try state()
    let address = try #require(MACAddress("02:00:00:00:00:77"))
    try socket.performWhileDown(.change(.index(link.index)) { $0.macAddress = address }, link)
    #expect(try socket.link(named: "v0")?.macAddress == address && socket.link(named: "v0")?.isUp == true)
    #expect(try state() == before)
    #expect(before.contains("fd00:8::/64") && before.contains("table 77") && before.contains("fd00:9::2/64"))
  }

  @Test("that fails leaves the link up, with everything, and the failure is thrown")
  func fails() throws {
    try prepare()
    var socket = try RouteSocket()
    let link = try #require(try socket.link(named: "v0")), before = try state()
    let error = #expect(throws: NetlinkError.self) {
      try socket.performWhileDown(.change(.index(link.index)) { $0.mtu = 70000 }, link)
    }
    #expect(error?.explanation == "mtu greater than device maximum")
    #expect(try state() == before && socket.link(named: "v0")?.isUp == true)
  }
}
