import Addresses
import HostRules
import Linux
import TestSupport
import Testing

@Suite("Packets under the host rules", .networkNamespace)
struct PacketTests {
  private let web = Examples.subnets("10.1.0.5/24", "fd00:1::5/64")

  @Test("a published port is reached from everywhere, and the server sees who a remote client is")
  func everywhere() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let v4 = try world.serve(.web, .tcp, 80), v6 = try world.serve(.web, .tcp, 80, family: .v6)
    try rules.add([Examples.publication(["tcp 8080 80"], at: web)], for: Examples.owner("web"))
    #expect(try world.ask(.remote, .tcp, "192.0.2.1", 8080) == "192.0.2.2")
    #expect(try world.ask(.host, .tcp, "192.0.2.1", 8080) == "192.0.2.1")
    #expect(try world.ask(.host, .tcp, "127.0.0.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.host, .tcp, "127.0.0.9", 8080) == "10.1.0.1")
    #expect(try world.ask(.web, .tcp, "192.0.2.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.web, .tcp, "10.1.0.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.sibling, .tcp, "192.0.2.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.stranger, .tcp, "192.0.2.1", 8080) == "10.2.0.5")
    #expect(try world.ask(.remote, .tcp, "fd00:9::1", 8080) == "fd00:9::2")
    #expect(try world.ask(.host, .tcp, "fd00:9::1", 8080) == "fd00:9::1")
    #expect(try world.ask(.web, .tcp, "fd00:9::1", 8080) == "fd00:1::1")
    #expect(try world.ask(.sibling, .tcp, "fd00:9::1", 8080) == "fd00:1::1")
    #expect(try Command.run("nft list map inet swift_cni published").text.contains("counter packets 8 "))
    #expect(try Command.run("nft list map inet swift_cni published6").text.contains("counter packets 4 "))
    try rules.remove(of: Examples.owner("web"))
    #expect(try world.isSilent(.remote, .tcp, "192.0.2.1", 8080))
    #expect(try world.isSilent(.remote, .tcp, "fd00:9::1", 8080))
    withExtendedLifetime((v4, v6)) {}
  }

  @Test("without source translation, or with it for all, the server sees what was asked for")
  func sources() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let server = try world.serve(.web, .tcp, 80), owner = Examples.owner("web")
    try rules.add([Examples.publication(["tcp 8080 80"], at: web, source: .all)], for: owner)
    #expect(try world.ask(.remote, .tcp, "192.0.2.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.stranger, .tcp, "192.0.2.1", 8080) == "10.1.0.1")
    try rules.add([Examples.publication(["tcp 8080 80"], at: web, source: .none)], for: owner)
    #expect(try world.ask(.remote, .tcp, "192.0.2.1", 8080) == "192.0.2.2")
    #expect(try world.isSilent(.host, .tcp, "127.0.0.1", 8080))
    #expect(try world.isSilent(.web, .tcp, "192.0.2.1", 8080))
    withExtendedLifetime(server) {}
  }

  @Test("ranges, shifted ranges, UDP and SCTP lead to the right port", arguments: TransportProtocol.allCases)
  func ranges(transport: TransportProtocol) throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers: [Server]
    do { servers = try [5003, 7001].map { try world.serve(.web, transport, $0) } } catch let error as SystemError {
      // A kernel without the protocol can neither serve nor forward it.
      if transport == .sctp && error.operation.hasPrefix("open") { return }
      throw error
    }
    let ports = ["5000-5009 5000", "6000-6009 7000"].map { "\(transport.rawValue) \($0)" }
    try rules.add([Examples.publication(ports, at: web)], for: Examples.owner("web"))
    #expect(try world.ask(.remote, transport, "192.0.2.1", 5003) == "192.0.2.2")
    #expect(try world.ask(.host, transport, "127.0.0.1", 5003) == "10.1.0.1")
    #expect(try world.ask(.remote, transport, "192.0.2.1", 6001) == "192.0.2.2")
    #expect(try world.isSilent(.remote, transport, "192.0.2.1", 5010))
    withExtendedLifetime(servers) {}
  }

  @Test("a port published at one address is reached there alone; one on 127.0.0.1 by this host alone")
  func singleAddress() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers = try [80, 81, 5001].map { try world.serve(.web, .tcp, $0) }
    try Command.run("ip addr add 192.0.2.9/24 dev up0")
    let ports = ["tcp 127.0.0.1 8080 80", "tcp 192.0.2.1 8081 81", "tcp 127.0.0.1 5000-5009 5000"]
    try rules.add([Examples.publication(ports, at: web)], for: Examples.owner("web"))
    #expect(try world.ask(.host, .tcp, "127.0.0.1", 8080) == "10.1.0.1")
    #expect(try world.ask(.host, .tcp, "127.0.0.1", 5001) == "10.1.0.1")
    #expect(try world.ask(.remote, .tcp, "192.0.2.1", 8081) == "192.0.2.2")
    for (address, port) in [("192.0.2.1", 8080), ("192.0.2.9", 8081), ("192.0.2.1", 5001)] {
      #expect(try world.isSilent(.remote, .tcp, address, UInt16(port)))
    }
    // A neighbour that sends frames to 127.0.0.1: only the guard keeps it out, since the port to it accepts such addresses, too.
    try SysctlFolder("ipv4/conf").write("up0/route_localnet", "1")
    try world.remote.run {
      try Command.run("ip addr del 127.0.0.1/8 dev lo")
      try Command.run("ip route add 127.0.0.1 via 192.0.2.1 dev eth0 src 192.0.2.2")
      try SysctlFolder("ipv4/conf").write("eth0/route_localnet", "1")
    }
    #expect(try world.isSilent(.remote, .tcp, "127.0.0.1", 8080))
    try Command.run("nft flush chain inet swift_cni guard")
    #expect(try world.ask(.remote, .tcp, "127.0.0.1", 8080) == "192.0.2.2")
    withExtendedLifetime(servers) {}
  }

  @Test("what a container sends out is masqueraded; inside its network and to multicast it is not")
  func masquerade() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers = try [Place.remote, .sibling, .stranger].map { try world.serve($0, .tcp, 80) }
    let server6 = try world.serve(.remote, .tcp, 80, family: .v6)
    #expect(try world.isSilent(.web, .tcp, "192.0.2.2", 80))
    try rules.add([.masquerade(web)], for: Examples.owner("web"))
    #expect(try world.ask(.web, .tcp, "192.0.2.2", 80) == "192.0.2.1")
    #expect(try world.ask(.web, .tcp, "fd00:9::2", 80) == "fd00:9::1")
    #expect(try world.ask(.web, .tcp, "10.2.0.5", 80) == "10.2.0.1")
    #expect(try world.ask(.web, .tcp, "10.1.0.6", 80) == "10.1.0.5")
    #expect(try world.isSilent(.stranger, .tcp, "192.0.2.2", 80))
    // Inside the network also where the host routes it: the container is told that its neighbour is behind the host.
    try world.web.run { try Command.run("ip route add 10.1.0.6 via 10.1.0.1") }
    #expect(try world.ask(.web, .tcp, "10.1.0.6", 80) == "10.1.0.5")
    try rules.remove(of: Examples.owner("web"))
    #expect(try world.isSilent(.web, .tcp, "192.0.2.2", 80))
    withExtendedLifetime((servers, server6)) {}
  }

  @Test("connections of containers at other bridges are dropped as the policies say, published ports excepted", arguments: [true, false])
  func isolation(sameBridge: Bool) throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers = try [Place.web, .sibling, .stranger, .remote].map { try world.serve($0, .tcp, 80) }
    let policy = sameBridge ? Isolation.Policy.sameBridge : .isolated
    let owners = ["web", "sibling", "stranger"].map { Examples.owner($0) }
    try world.remote.run { try Command.run("ip route add 10.0.0.0/8 via 192.0.2.1") }
    for owner in owners { try rules.add([.isolation(Isolation(.open, bridge: "br1"))], for: owner) }
    #expect(try world.ask(.stranger, .tcp, "10.1.0.5", 80) == "10.2.0.5")
    for (owner, bridge) in zip(owners, ["br1", "br1", "br2"]) {
      try rules.add([.isolation(Isolation(policy, bridge: bridge)), .masquerade([])], for: owner)
    }
    #expect(try world.isSilent(.stranger, .tcp, "10.1.0.5", 80))
    #expect(try world.isSilent(.web, .tcp, "10.2.0.5", 80))
    #expect(try world.ask(.remote, .tcp, "10.1.0.5", 80) == "192.0.2.2")
    #expect(try world.ask(.web, .tcp, "192.0.2.2", 80) == "10.1.0.5")
    // At the same bridge, but through the host.
    try world.web.run { try Command.run("ip route add 10.1.0.6 via 10.1.0.1") }
    if sameBridge {
      #expect(try world.ask(.web, .tcp, "10.1.0.6", 80) == "10.1.0.5")
    } else {
      #expect(try world.isSilent(.web, .tcp, "10.1.0.6", 80))
    }
    try rules.add([Examples.publication(["tcp 8080 80"], at: web)], for: owners[0])
    #expect(try world.ask(.stranger, .tcp, "192.0.2.1", 8080) == "10.2.0.5")
    try Command.run("nft add rule inet swift_cni admin ip daddr 10.2.0.5 accept")
    #expect(try world.ask(.web, .tcp, "10.2.0.5", 80) == "10.1.0.5")
    try rules.remove(of: owners[0])
    #expect(try world.isSilent(.stranger, .tcp, "10.1.0.5", 80))
    try rules.remove(of: owners[1])
    #expect(try world.ask(.stranger, .tcp, "10.1.0.5", 80) == "10.2.0.5")
    try rules.remove(of: owners[2])
    for set in ["isolated_bridges", "same_bridge", "attached"] { #expect(try Examples.elements(set) == "") }
    #expect(try Command.run("nft list chain inet swift_cni admin").text.contains("ip daddr 10.2.0.5 accept"))
    withExtendedLifetime(servers) {}
  }

  @Test("an established connection survives a foreign flush, and restoring brings the port back")
  func flush() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let servers = try [TransportProtocol.tcp, .udp].map { try world.serve(.web, $0, 80) }, owner = Examples.owner("web")
    try rules.add([Examples.publication(["tcp 8080 80", "udp 8080 80"], at: web), .masquerade(web)], for: owner)
    let wishes = try rules.concerns(of: owner), before = try Command.run("nft list ruleset").text
    let address = try #require(IPAddress("192.0.2.1"))
    let connection = try #require(try world.at(.remote) { try Client(.tcp, address, 8080) })
    #expect(connection.ask() == "192.0.2.2")
    #expect(try rules.verify(wishes, of: owner) == [])
    try Command.run("nft flush ruleset")
    #expect(try world.isSilent(.remote, .udp, "192.0.2.1", 8080))
    #expect(try rules.verify(wishes, of: owner) == ["table inet swift_cni is missing"])
    #expect(try rules.restore() == 12)
    #expect(try rules.verify(wishes, of: owner) == [])
    #expect(try Set(Command.run("nft list ruleset").text.split(separator: "\n")) == Set(before.split(separator: "\n")))
    #expect(try world.ask(.remote, .udp, "192.0.2.1", 8080) == "192.0.2.2")
    #expect(connection.ask() == "192.0.2.2")
    withExtendedLifetime(servers) {}
  }

  @Test("frames with another source address than the container's are dropped")
  func spoofCheck() throws {
    let world = try PacketWorld()
    var rules = try HostRules()
    let server = try world.serve(.sibling, .tcp, 80), owner = Examples.owner("web")
    let address = try world.web.run { try MACAddress(SysctlFolder.linkAddress("eth0")) }
    try rules.add([.spoofCheck(SpoofCheck(port: "br1v5", address: try #require(address)))], for: owner)
    #expect(try world.ask(.web, .tcp, "10.1.0.6", 80) == "10.1.0.5")
    try world.web.run {
      try Command.run("ip link set eth0 address 02:00:00:00:00:99")
      try Command.run("ip route replace default via 10.1.0.1")
    }
    try world.sibling.run { try Command.run("ip neigh flush dev eth0") }
    #expect(try world.isSilent(.web, .tcp, "10.1.0.6", 80))
    try rules.remove([.spoofCheck], of: owner)
    try world.web.run { try Command.run("ip neigh flush dev eth0") }
    #expect(try world.ask(.web, .tcp, "10.1.0.6", 80) == "10.1.0.5")
    withExtendedLifetime(server) {}
  }
}

extension SysctlFolder {
  /// The Ethernet address of a link of the calling thread's namespace.
  fileprivate static func linkAddress(_ name: String) throws -> String {
    let words = try Command.run("ip -o link show \(name)").text.split(separator: " ")
    return words.firstIndex(of: "link/ether").map { String(words[$0 + 1]) } ?? ""
  }
}
