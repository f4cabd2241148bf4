import Addresses
import Linux
import Netlink
import Routing
import TestSupport
import Testing

@Suite("Links", .networkNamespace)
struct LinkTests {
  @Test("a bridge is created complete, and ip agrees")
  func createsBridge() throws {
    var socket = try RouteSocket()
    let address = MACAddress(localSeed: 0x1234_5678_9ABC)
    let bridge = try socket.create(.createBridge("br7", macAddress: address, mtu: 1400, filtersVLANs: false))
    #expect(bridge.name == "br7" && bridge.kind == "bridge" && bridge.isUp && bridge.mtu == 1400 && bridge.macAddress == address)
    let text = try Command.run("ip -d link show br7").text
    #expect(text.contains("mtu 1400") && text.contains(address.description) && text.contains("vlan_filtering 0"))
    #expect(try socket.link(named: "br7")?.index == bridge.index)
    #expect(try socket.link(index: bridge.index)?.name == "br7")
  }

  @Test("a link that is missing is nil, not an error")
  func missingLink() throws {
    var socket = try RouteSocket()
    #expect(try socket.link(named: "missing") == nil)
    #expect(try socket.link(index: 4711) == nil)
  }

  @Test("a veth pair is created in one request, its peer named inside the other namespace")
  func createsPair() throws {
    let container = try TestNamespace()
    let namespace = try NetworkNamespace(path: container.path)
    var host = try RouteSocket()
    let bridge = try host.create(.createBridge("br7", macAddress: MACAddress(localSeed: 7), mtu: nil, filtersVLANs: false))
    var pair = VethPair(name: "veth0", peerName: "eth0")
    pair.masterIndex = bridge.index
    pair.mtu = 1400
    pair.macAddress = MACAddress(localSeed: 1)
    pair.peerMACAddress = MACAddress(localSeed: 2)
    let created = try host.create(.create(pair, peerNamespace: namespace))
    let link = try #require(try host.link(index: created.index))
    #expect(link.masterIndex == bridge.index && link.isUp && link.mtu == 1400 && link.macAddress == pair.macAddress)
    let inside = try container.run { try Command.run("ip -o link show eth0").text }
    #expect(inside.contains("mtu 1400") && inside.contains("02:00:00:00:00:02"))
    var socket = try namespace.inside { try RouteSocket() }
    #expect(try socket.link(named: "eth0")?.index == created.linkIndex)
  }

  @Test("properties of a port are changed together and read back")
  func changesPort() throws {
    try Command.run("ip link add br7 type bridge")
    try Command.run("ip link add veth0 master br7 type veth peer name veth1")
    var socket = try RouteSocket()
    try socket.perform(
      .change(.name("veth0")) {
        $0.isUp = true
        $0.isPromiscuous = true
        $0.mtu = 1300
        $0.alias = "network/container/eth0"
        $0.group = 77
        $0.transmitQueueLength = 500
        $0.portHairpin = true
        $0.portIsolated = true
      })
    let link = try #require(try socket.link(named: "veth0"))
    #expect(link.alias == "network/container/eth0" && link.group == 77 && link.transmitQueueLength == 500 && link.mtu == 1300)
    #expect(link.port?.hairpin == true && link.port?.isolated == true && link.flags.contains([.up, .promiscuous]))
    let text = try Command.run("ip -d link show veth0").text
    #expect(text.contains("hairpin on") && text.contains("isolated on") && text.contains("alias network/container/eth0"))
  }

  @Test("IPv4 settings are changed by netlink", arguments: [(IPv4Setting.arpNotify, "arp_notify"), (.routeLocalnet, "route_localnet")])
  func ipv4Settings(setting: IPv4Setting, file: String) throws {
    try Command.run("ip link add br7 type bridge")
    var socket = try RouteSocket()
    try socket.perform(.change(.name("br7")) { $0.ipv4Settings = [setting: 1] })
    #expect(try Command.run("cat /proc/sys/net/ipv4/conf/br7/\(file)").text == "1\n")
  }

  @Test("links are listed by kind and by master")
  func lists() throws {
    try Command.run("ip link add br7 type bridge")
    try Command.run("ip link add veth0 master br7 type veth peer name veth1")
    var socket = try RouteSocket()
    let bridge = try #require(try socket.link(named: "br7"))
    #expect(try Set(socket.links().map(\.name)) == ["lo", "br7", "veth0", "veth1"])
    #expect(try Set(socket.links(kind: "veth").map(\.name)) == ["veth0", "veth1"])
    #expect(try socket.links(masterIndex: bridge.index).map(\.name) == ["veth0"])
  }

  @Test("a monitor tells when a link passes packets and when it is gone")
  func monitors() throws {
    try Command.run("ip link add veth0 type veth peer name veth1")
    var monitor = try LinkMonitor()
    try Command.run("ip link set veth0 up")
    try Command.run("ip link set veth1 up")
    #expect(
      try monitor.wait(milliseconds: 60_000) { (event) throws(NetlinkError) in
        if case .changed(let link) = event { link.name == "veth0" && link.state == .up } else { false }
      })
    try Command.run("ip link del veth0")
    #expect(
      try monitor.wait(milliseconds: 60_000) { (event) throws(NetlinkError) in
        if case .removed(let link) = event { link.name == "veth0" } else { false }
      })
    #expect(try !monitor.wait(milliseconds: 1) { (_) throws(NetlinkError) in false })
  }

  @Test("all links of a group are deleted with one request")
  func deletesGroup() throws {
    var socket = try RouteSocket()
    for number in 0..<5 { try Command.run("ip link add v\(number) group 99 type veth peer name p\(number)") }
    try Command.run("ip link add stays type bridge")
    try socket.perform(.delete(group: 99))
    #expect(try Set(socket.links().map(\.name)) == ["lo", "stays"])
  }

  @Test("bridge VLANs are set and read back, where the kernel knows them")
  func vlans() throws {
    var socket = try RouteSocket()
    let request = NetlinkMessage.createBridge("br7", macAddress: MACAddress(localSeed: 7), mtu: nil, filtersVLANs: true)
    guard (try? socket.create(request)) != nil else { return }
    try Command.run("ip link add veth0 master br7 type veth peer name veth1")
    let port = try #require(try socket.link(named: "veth0"))
    try socket.perform(
      .addVLANs([BridgeVLAN(5, isNative: true, isUntagged: true), BridgeVLAN(10, through: 12)], portIndex: port.index),
      .removeVLANs([BridgeVLAN(1)], portIndex: port.index))
    #expect(
      try socket.bridgeVLANs()[port.index] == [
        BridgeVLAN(5, isNative: true, isUntagged: true), BridgeVLAN(10), BridgeVLAN(11), BridgeVLAN(12),
      ])
  }
}
