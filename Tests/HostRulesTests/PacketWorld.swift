import Addresses
import Glibc
import HostRules
import Linux
import TestSupport
import Testing

/// Where a connection starts.
enum Place: String, CaseIterable {
  /// The host itself: the test's own namespace.
  case host
  /// Another host, at 192.0.2.2 and fd00:9::2, which knows no way to the containers.
  case remote
  /// The container 10.1.0.5, fd00:1::5 at bridge br1.
  case web
  /// Another container at br1: 10.1.0.6.
  case sibling
  /// A container at bridge br2: 10.2.0.5.
  case stranger
}

/// A host with two bridges and three containers, and another host at the same wire; made of links and namespaces, without any of our plugins.
final class PacketWorld {
  let web: TestNamespace, sibling: TestNamespace, stranger: TestNamespace, remote: TestNamespace

  init() throws {
    (web, sibling, stranger, remote) = try (TestNamespace(), TestNamespace(), TestNamespace(), TestNamespace())
    // Without duplicate address detection, whose second would have to be waited for.
    let withoutDetection = { try SysctlFolder("ipv6/conf").write("default/accept_dad", "0") }
    for namespace in [web, sibling, stranger, remote] { try namespace.run(withoutDetection) }
    try withoutDetection()
    try Command.run("ip link set lo up")
    for (bridge, number) in [("br1", 1), ("br2", 2)] {
      try Command.run("ip link add \(bridge) type bridge")
      try Command.run("ip link set \(bridge) up")
      try Command.run("ip addr add 10.\(number).0.1/24 dev \(bridge)")
      try Command.run("ip addr add fd00:\(number)::1/64 dev \(bridge) nodad")
    }
    try connect(web, "br1", "10.1.0.5/24", "fd00:1::5/64")
    try connect(sibling, "br1", "10.1.0.6/24", "fd00:1::6/64")
    try connect(stranger, "br2", "10.2.0.5/24", "fd00:2::5/64")
    try Command.run("ip link add up0 type veth peer name eth0 netns \(remote.path)")
    try Command.run("ip link set up0 up")
    try Command.run("ip addr add 192.0.2.1/24 dev up0")
    try Command.run("ip addr add fd00:9::1/64 dev up0 nodad")
    try remote.run {
      for line in ["link set lo up", "link set eth0 up", "addr add 192.0.2.2/24 dev eth0", "addr add fd00:9::2/64 dev eth0 nodad"] {
        try Command.run("ip \(line)")
      }
    }
    let sysctl = try SysctlFolder()
    try sysctl.write("ipv4/ip_forward", "1")
    try sysctl.write("ipv6/conf/all/forwarding", "1")
    for bridge in ["br1", "br2"] { try sysctl.write("ipv4/conf/\(bridge)/route_localnet", "1") }
  }

  /// Runs `body` at a place.
  func at<Result>(_ place: Place, _ body: () throws -> Result) throws -> Result {
    switch place {
    case .host: try body()
    case .remote: try remote.run(body)
    case .web: try web.run(body)
    case .sibling: try sibling.run(body)
    case .stranger: try stranger.run(body)
    }
  }

  /// Starts a server that answers each client with the client's address.
  func serve(_ place: Place, _ transport: TransportProtocol, _ port: UInt16, family: IPAddress.Family = .v4) throws -> Server {
    try at(place) { try Server(transport, port, family) }
  }

  /// Asks a server for the own address; nil if no answer comes.
  func ask(
    _ place: Place, _ transport: TransportProtocol, _ address: String, _ port: UInt16, _ patience: Patience = .forAnswer
  ) throws -> String? {
    try at(place) { try Client(transport, #require(IPAddress(address)), port, patience)?.ask() }
  }

  /// Whether nobody answers there.
  func isSilent(_ place: Place, _ transport: TransportProtocol, _ address: String, _ port: UInt16) throws -> Bool {
    try ask(place, transport, address, port, .forSilence) == nil
  }

  private func connect(_ namespace: TestNamespace, _ bridge: String, _ v4: String, _ v6: String) throws {
    let port = "\(bridge)v\(v4.split(separator: ".")[3].prefix(1))"
    try Command.run("ip link add \(port) type veth peer name eth0 netns \(namespace.path)")
    try Command.run("ip link set \(port) master \(bridge)")
    try Command.run("ip link set \(port) up type bridge_slave hairpin on")
    try namespace.run {
      try Command.run("ip link set lo up")
      try Command.run("ip link set eth0 up")
      try Command.run("ip addr add \(v4) dev eth0")
      try Command.run("ip addr add \(v6) dev eth0 nodad")
      try Command.run("ip route add default via 10.\(bridge.suffix(1)).0.1")
      try Command.run("ip -6 route add default via fd00:\(bridge.suffix(1))::1")
    }
  }
}
