import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

/// Whether the kernel has WireGuard, as ip(8) finds.
let hasWireGuard = (try? Command.attempt(["unshare", "-n", "ip", "link", "add", "wg0", "type", "wireguard"]).status) == 0

/// One after the other: in a virtual machine without KVM the start of an overlayd takes seconds.
@Suite(
  "hosts joined by WireGuard", .networkNamespace, .serialized,
  .enabled(if: hasWireGuard, "this kernel has no WireGuard; `make test-vm` runs one that has"))
struct WireGuardTests {
  static func configuration(_ mode: String) -> JSONValue {
    ["Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48", "Backend": ["Type": "wireguard", "Mode": .string(mode)]]
  }

  private func segment(_ count: Int = 2) throws -> Segment { try Segment(hosts: count, WireGuardTests.configuration("ipv4")) }

  @Test("containers reach each other by IPv4 and IPv6 in one tunnel, over an underlay of both", arguments: IPAddress.Family.allCases)
  func reach(_ underlay: IPAddress.Family) throws {
    let segment = try Segment(hosts: 3, WireGuardTests.configuration(underlay == .v4 ? "ipv4" : "ipv6"))
    if underlay == .v6 { for host in segment.hosts { try host.run("ip -4 addr flush dev lan0") } }
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    for family in IPAddress.Family.allCases {
      for (client, server) in [(0, 1), (1, 2), (2, 0)] {
        let conversation = try Conversation(
          from: containers[client].namespace, to: containers[server].address(family), 8080, server: containers[server].namespace, 8080)
        #expect(try conversation.client == containers[client].address(family))
      }
    }
    let mtu = try segment[1].state.state().orThrow("no state").mtu
    #expect(mtu == (underlay == .v4 ? 1440 : 1420))
    let target = try containers[1].address(.v4)
    _ = try containers[0].namespace.run { try Command.run("ping -q -c 1 -w 60 -M do -s \(mtu - 28) \(target)") }
    // One peer and one route a network for each other host, and nothing else.
    let lease = try segment[2].waitForLease(), peers = try WireGuardPicture(segment[1]).peers
    #expect(peers.count == 2 && Set(peers.values.flatMap(\.allowed)).isSuperset(of: lease.subnets.map(\.description)))
    #expect(peers[lease.wireguardKey ?? ""]?.endpoint == (underlay == .v4 ? "192.0.2.2:51820" : "[fd00:2::2]:51820"))
  }

  @Test("nothing of it is on the underlay but UDP from port to port, and no clear text")
  func encrypted() throws {
    let segment = try segment()
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    let target = try containers[1].address(.v4), source = try containers[0].address(.v4)
    _ = try containers[0].namespace.run { try Command.run("ping -q -c 1 -w 60 \(target)") }
    // What overlayd itself tries is over.
    for host in segment.hosts { try host.wait("the self-test") { host.log.contains("self-test:") } }
    let outside = try capture("port1"), inside = try segment[1].namespace.run { try capture("ovl.1") }
    // The pattern is "secret".
    try containers[0].namespace.run { try Command.run("ping -q -i 0.01 -c 40 -w 60 -p 736563726574 \(target)") }
    _ = try Conversation(from: containers[0].namespace, to: target, 80, server: containers[1].namespace, 80)
    try [outside, inside].forEach { try $0.waitForEnd() }
    #expect(inside.text.contains("secretsecret") && inside.text.contains("\(source) > \(target): ICMP echo request"))
    #expect(!outside.text.contains("secret") && !outside.text.contains("10.244."))
    let packets = outside.text.split(separator: "\n").filter { $0.contains(" > ") }
    #expect(packets.count == 60)
    let strangers = packets.filter {
      !($0.contains("192.0.2.1.51820 > 192.0.2.2.51820: UDP") || $0.contains("192.0.2.2.51820 > 192.0.2.1.51820: UDP"))
    }
    #expect(strangers.isEmpty, "\(strangers)")
  }

  /// Begins to print the next 60 IP packets of a link, and returns when it listens.
  private func capture(_ link: String) throws -> Capture { try Capture(link, count: 60) }

  private static let damages = [
    "wg set ovl.1 peer KEY endpoint 192.0.2.99:1", "wg set ovl.1 peer KEY remove", "wg set ovl.1 peer KEY allowed-ips 10.9.9.0/24",
    "wg set ovl.1 listen-port 1234", "wg set ovl.1 private-key /run/other.key", "wg set ovl.1 peer \(String(repeating: "A", count: 42))E=",
    "ip link del ovl.1", "ip link set ovl.1 down", "ip link set ovl.1 mtu 1300", "ip route flush proto 79", "ip -6 route flush proto 79",
    "ip addr flush dev ovl.1",
  ]

  @Test("what somebody removes or changes comes back as it was")
  func repair() throws {
    let segment = try segment(), host = segment[1]
    // While packets come from a peer, WireGuard itself sees to its endpoint; and a self-test sends some.
    try host.namespace.run {
      try Command.run("nft -f -", input: "table ip mute { chain in { type filter hook input priority 0; udp dport 51820 drop; }; }")
    }
    try segment.start()
    let key = try segment[2].waitForLease().wireguardKey.orThrow("no key")
    try host.wait("everything") { try WireGuardPicture(host).ipv6Routes.contains("fd00:244:") }
    let before = try WireGuardPicture(host)
    try FileSystem.replace("/run/other.key", content: Array("6Nz+Ct2r7UkZ7vf2tSfoYd6TU0OKKtE5pE4kbNn8LHs=\n".utf8))
    for damage in WireGuardTests.damages {
      try host.run(damage.replacing("KEY", with: key))
      try host.wait("repair of: \(damage)") { try WireGuardPicture(host) == before }
    }
    // What the kernel holds can be seen before it is counted.
    try host.wait("the count of repairs") { try Int(host.metric("repairs_total")) ?? 0 >= WireGuardTests.damages.count }
    try host.run("nft delete table ip mute")
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }

  @Test("a killed overlayd is not missed by packets, and the next one has the same key and changes nothing")
  func restart() throws {
    let segment = try segment()
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    let before = try WireGuardPicture(segment[1]), file = "\(segment[1].dataFolder)/lab.key"
    #expect(try Command.run("stat -c %a \(file)").text == "600\n")
    let key = try FileSystem.read(file)
    let pings = try Pings(from: containers[0], to: containers[1])
    segment[1].stop()
    try segment[1].start()
    try segment[1].waitForLease()
    try segment[1].wait("readiness") { try segment[1].http("/readyz").status == 0 }
    #expect(try segment[1].metric("kernel_changes_total") == "0")
    #expect(try WireGuardPicture(segment[1]) == before && FileSystem.read(file) == key)
    #expect(!segment[1].log.contains(String(decoding: key, as: UTF8.self).prefix(40)))
    try pings.expectNoLoss()
  }

  @Test("a host with a new key and a new address is found again, and nothing of the old ones stays")
  func newKey() throws {
    let segment = try segment(3)
    try segment.start()
    let old = try segment[2].waitForLease().wireguardKey.orThrow("no key")
    segment[2].stop()
    try FileSystem.remove("\(segment[2].dataFolder)/lab.key")
    try segment[2].run("ip addr flush dev lan0")
    try segment[2].run("ip addr add 192.0.2.77/24 dev lan0")
    let before = try Int(segment[1].metric("kernel_changes_total")) ?? 0
    try segment[2].start()
    let new = try segment[2].waitForLease { $0.wireguardKey != old }.wireguardKey.orThrow("no key")
    for number in [1, 3] {
      try segment[number].wait("the new key") {
        let peers = try WireGuardPicture(segment[number]).peers
        return peers.count == 2 && peers[new]?.endpoint == "192.0.2.77:51820" && peers[old] == nil
      }
    }
    // One peer set, one removed.
    try segment[1].wait("the figure") { try Int(segment[1].metric("kernel_changes_total")) == before + 2 }
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    for client in [0, 2] {
      _ = try Conversation(
        from: containers[client].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
    }
  }

  @Test("a host made from a copy of another one gets a key of its own")
  func copiedState() throws {
    let segment = try segment(2)
    try segment[1].start()
    let lease = try segment[1].waitForLease()
    try FileSystem.createFolders(segment[2].dataFolder)
    for name in ["lab.json", "lab.key"] {
      try FileSystem.replace("\(segment[2].dataFolder)/\(name)", content: FileSystem.read("\(segment[1].dataFolder)/\(name)"))
    }
    try segment[2].start()
    let other = try segment[2].waitForLease { $0.key != lease.key }
    #expect(other.wireguardKey != lease.wireguardKey)
    try segment[1].waitForPeers(1)
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }

  @Test("peers that somebody has written down need their keys there, which each host says itself")
  func staticPeers() throws {
    let segment = try segment()
    func write(_ keys: [String]) throws {
      let peers = keys.enumerated().map { number, key -> JSONValue in
        ["subnet": .string("10.244.\(number + 1).0/24"), "publicAddress": .string("192.0.2.\(number + 1)"), "wireguardKey": .string(key)]
      }
      let file: JSONValue = ["config": ["Network": "10.244.0.0/16", "Backend": ["Type": "wireguard"]], "peers": .array(peers)]
      try FileSystem.replace("/run/peers.json", content: Array(file.text.utf8))
    }
    try write(["none", "none"])
    for host in segment.hosts { try host.start(["--store", "static:/run/peers.json"]) }
    let keys = try segment.hosts.map { host in
      let sentence = "the peer 10.244.\(host.number).0/24 is expected to have the wireguardKey "
      try host.wait("the key") { host.log.contains(sentence) }
      return try String(host.log.ranges(of: sentence).first.map { host.log[$0.upperBound...].prefix(44) }.orThrow("no key"))
    }
    try write(keys)
    for host in segment.hosts { try host.waitForPeers(1) }
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }

  @Test("netctl shows the peers, tries the way to them, and names one that is missing; the map has them")
  func netctl() throws {
    let segment = try segment()
    try segment.start()
    let program = "\(PluginRunner.productFolder)/netctl", folder = FileSystem.folder(of: segment[1].state.path)
    func netctl(_ words: String...) throws -> Command.Output { try segment[1].namespace.run { try Command.attempt([program] + words) } }
    let status = try netctl("overlay", "status", "--state-folder", folder)
    #expect(status.status == 0 && status.text.contains("wireguard") && status.text.contains("1440"), "\(status)")
    let test = try netctl("overlay", "test", "--no-throughput", "--state-folder", folder, "--json")
    #expect(
      try test.status == 0 && test.json["peers"][0]["largestPacket"] == 1440 && test.json["peers"][0]["checksumsArrive"] == true, "\(test)")
    let peers = try netctl("overlay", "peers", "--state-folder", folder, "--json")
    #expect(try peers.status == 0 && peers.json["peers"][0]["receivedBytes"].integer ?? 0 > 1440, "\(peers)")
    #expect(try peers.json["peers"][0]["lastHandshake"].integer ?? 0 > 0)
    let lease = try segment[2].waitForLease()
    let remote = try netctl("map", "--json").json["nodes"].elements.first { $0["name"] == "192.0.2.2" }.orThrow("no such node")
    #expect(remote["type"] == "WireGuard peer" && remote["facts"].elements.map(\.string).contains("\(lease.subnets[0])"))
    segment[1].stop()
    try segment[1].run("wg set ovl.1 peer \(lease.wireguardKey ?? "") remove")
    let missing = try netctl("overlay", "peers", "--state-folder", folder)
    #expect(missing.status == 1 && missing.text.contains("no WireGuard peer with its key"), "\(missing)")
    let why = try netctl("why", "\(lease.subnets[0].address):80", "--json")
    #expect(try why.json["cause"]["sentence"].string.contains("does not know which host of the WireGuard device ovl.1"), "\(why)")
    // With a secret that the other host does not know.
    try FileSystem.replace("/run/secret", content: Array("6Nz+Ct2r7UkZ7vf2tSfoYd6TU0OKKtE5pE4kbNn8LHs=\n".utf8))
    let networks = lease.subnets.map(\.description).joined(separator: ",")
    try segment[1].run(
      "wg set ovl.1 peer \(lease.wireguardKey ?? "") preshared-key /run/secret endpoint 192.0.2.2:51820 allowed-ips \(networks)")
    let ping = try segment[1].namespace.run { try Command.attempt(["ping", "-c", "1", "-W", "1", "\(lease.subnets[0].address)"]) }
    let stranger = try netctl("overlay", "peers", "--state-folder", folder)
    #expect(
      ping.status != 0 && stranger.status == 1 && stranger.text.contains("it agrees on no keys: UDP to 192.0.2.2:51820"), "\(stranger)")
    let again = try netctl("why", "\(lease.subnets[0].address):80", "--json")
    #expect(try again.json["cause"]["sentence"].string.contains("have not agreed on keys"), "\(again)")
  }
}

/// What the kernel holds for an overlay of WireGuard, without what changes by itself.
struct WireGuardPicture: Equatable {
  struct Peer: Equatable {
    let endpoint: String
    let allowed: [String]
  }

  let device: [String]
  let peers: [String: Peer]
  let routes: [String]
  let ipv6Routes: String
  let addresses: String

  init(_ host: OverlayHost, device name: String = "ovl.1") throws {
    func lines(_ line: String) throws -> String {
      try host.namespace.run { try Command.attempt(line.split(separator: " ").map(String.init)).text }
    }
    let dump = try lines("wg show \(name) dump").split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    let link = try? JSONValue.parse(lines("ip -j link show \(name)"))[0]
    device =
      (dump.first.map { Array($0.prefix(3)) } ?? []) + [link?["mtu"].text ?? "", "\(link?["flags"].elements.contains("UP") == true)"]
    peers = Dictionary(
      dump.dropFirst().map { ($0[0], Peer(endpoint: $0[2], allowed: $0[3].split(separator: ",").map(String.init).sorted())) },
      uniquingKeysWith: { $1 })
    routes = try lines("ip -4 route show proto 79").split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }.sorted()
    ipv6Routes = try lines("ip -6 route show proto 79")
    addresses = try lines("ip -br addr show dev \(name) scope global")
  }
}

/// tcpdump(8) until it has seen some packets.
private final class Capture {
  private let program: BackgroundProgram
  private let finished: FileWatch

  init(_ link: String, count: Int) throws {
    let log = "/run/capture.\(link)"
    finished = try FileWatch(log)
    program = try BackgroundProgram(["tcpdump", "-l", "-n", "-A", "-i", link, "-c", "\(count)", "ip or ip6"], log: log)
    try wait("listening on")
  }

  var text: String { program.text }

  func waitForEnd() throws { try wait("packets captured") }

  private func wait(_ words: String) throws {
    let deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while !program.text.contains(words) {
      guard deadline.remaining > 0 else { throw Command.Failure(description: "tcpdump: \(program.text)") }
      var request = pollfd(fd: finished.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&request, 1, deadline.remaining)
      finished.acknowledge()
    }
  }
}
