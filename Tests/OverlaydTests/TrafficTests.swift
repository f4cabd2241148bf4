import Addresses
import JSON
import Overlay
import TestSupport
import Testing

@Suite("containers on different hosts", .networkNamespace)
struct TrafficTests {
  static let dataPlanes: [(name: String, backend: JSONValue, device: Bool)] = [
    ("vxlan", ["Type": "vxlan"], true), ("host-gw", ["Type": "host-gw"], false),
    ("vxlan where it must and routes where it can", ["Type": "vxlan", "DirectRouting": true], true),
  ]

  @Test("reach each other with their own addresses, by IPv4 and IPv6", arguments: dataPlanes)
  func reach(_ name: String, _ backend: JSONValue, _ hasDevice: Bool) throws {
    let segment = try Segment(hosts: 3, ["Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48", "Backend": backend])
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    for family in IPAddress.Family.allCases {
      for (client, server) in [(0, 1), (1, 2), (2, 0)] {
        let conversation = try Conversation(
          from: containers[client].namespace, to: containers[server].address(family), 8080, server: containers[server].namespace, 8080)
        #expect(try conversation.client == containers[client].address(family))
      }
    }
    #expect(try segment[1].run("ip -br link show type vxlan").text.contains("ovl.1") == hasDevice)
  }

  @Test("reach each other over an underlay of IPv6 alone")
  func ipv6Underlay() throws {
    let segment = try Segment(hosts: 2)
    for host in segment.hosts { try host.run("ip -4 addr flush dev lan0") }
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    for family in IPAddress.Family.allCases {
      _ = try Conversation(from: containers[0].namespace, to: containers[1].address(family), 8080, server: containers[1].namespace, 8080)
    }
    #expect(try segment[1].forwarding().values.contains("fd00:2::2"))
    #expect(try segment[1].state.state()?.mtu == 1430)
  }

  @Test("packets of the full size pass, and hosts hold one route, one neighbour and one forwarding entry for each other host")
  func entries() throws {
    let segment = try Segment(hosts: 4, ["Network": "10.244.0.0/16"])
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    let mtu = try segment[1].state.state().orThrow("no state").mtu
    #expect(mtu == 1450)
    try containers[0].namespace.run {
      try Command.run("ping -q -c 1 -w 60 -M do -s \(mtu - 28) \(containers[1].address(.v4))")
    }
    for host in segment.hosts {
      let others = try segment.hosts.filter { $0.number != host.number }.map { try $0.waitForLease() }
      #expect(
        try host.routes()
          == Dictionary(uniqueKeysWithValues: others.map { ("\($0.key)", "\($0.key)".split(separator: "/")[0].description) }))
      let macs = others.map { $0.macAddress?.description ?? "" }
      #expect(try host.forwarding() == Dictionary(uniqueKeysWithValues: zip(macs, others.map { $0.publicAddress?.description ?? "" })))
      #expect(try Set(host.neighbors().values) == Set(macs))
    }
  }

  @Test("the world outside sees the host's address, other hosts' containers the container's")
  func masquerade() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    let container = try segment[1].attach("c1"), far = try segment[2].attach("c2")
    let outside = try TestNamespace()
    try Command.run("ip link add world type veth peer name lan0 netns \(outside.path)")
    try Command.run("ip link set world master under up")
    try outside.run {
      try Command.run("ip addr add 192.0.2.200/24 dev lan0")
      try Command.run("ip link set lan0 up")
    }
    #expect(try Conversation(from: container.namespace, to: "192.0.2.200", 80, server: outside, 80).client == "192.0.2.1")
    let inside = try Conversation(from: container.namespace, to: far.address(.v4), 80, server: far.namespace, 80)
    #expect(try inside.client == container.address(.v4))
  }
}
