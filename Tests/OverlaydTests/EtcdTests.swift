import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("hosts whose leases are in etcd", .networkNamespace, .withinTheWholeRun)
struct EtcdTests {
  /// The address of the test's own namespace, where etcd is, at the hosts' switch.
  private static let address = "192.0.2.254"
  private static let prefix = "/coreos.com/network"

  /// Hosts, and etcd with what they agree on.
  private func network(hosts: Int, members: Int = 1, _ configuration: JSONValue = ["Network": "10.244.0.0/16"]) throws -> (
    Segment, EtcdServers
  ) {
    let segment = try Segment(hosts: hosts, configuration)
    try Command.run("ip addr add \(EtcdTests.address)/24 dev under")
    let etcd = try EtcdServers(count: members)
    try etcd.control("put", "\(EtcdTests.prefix)/config", configuration.text)
    return (segment, etcd)
  }

  private func store(_ etcd: EtcdServers) -> [String] { ["--store", "etcd:\(etcd.endpoints(host: EtcdTests.address))"] }

  /// Starts overlayd on hosts, and waits until they know each other.
  private func start(_ hosts: [OverlayHost], _ etcd: EtcdServers, _ options: String...) throws {
    for host in hosts { try host.start(store(etcd) + options) }
    for host in hosts { try waitForEverything(host, peers: hosts.count - 1) }
  }

  /// Waits until all that belongs to the other hosts is in the kernel's tables.
  private func waitForEverything(_ host: OverlayHost, peers: Int) throws {
    try host.waitForPeers(peers)
    try host.wait("all entries") { try host.forwarding().count == peers && host.neighbors().count == peers }
  }

  @Test("50 hosts that start at the same second get 50 different networks from three members, and none of them ends")
  func manyAtOnce() throws {
    let (segment, etcd) = try network(hosts: 50, members: 3, ["Network": "10.244.0.0/18", "SubnetLen": 24])
    for host in segment.hosts { try host.start(store(etcd)) }
    let keys = try segment.hosts.map { try $0.waitForLease().key }
    #expect(Set(keys).count == 50)
    #expect(segment.hosts.allSatisfy { $0.daemon?.isRunning == true })
    for host in [segment[1], segment[50]] { try host.wait("all peers") { try host.routes().count == 49 } }
  }

  @Test("while all of etcd is away for longer than leases last, no packet is lost; afterwards everybody is told everything")
  func away() throws {
    let (segment, etcd) = try network(hosts: 3, members: 3)
    try start([segment[1], segment[2]], etcd, "--lease-seconds", "10", "--contact-limit", "4")
    let containers = try [1, 2].map { try segment[$0].attach("c\($0)") }
    let before = try [1, 2].map { try Picture(segment[$0]) }
    let pings = try Pings(from: containers[0], to: containers[1])
    for member in 0..<3 { etcd.stop(member) }
    // Somebody else waits for etcd for longer than leases last, in vain.
    let vain = try Command.attempt([
      "etcdctl", "--endpoints", etcd.endpoints(), "--dial-timeout=12s", "--command-timeout=12s", "get", "/ready",
    ])
    #expect(vain.status != 0)
    for number in [1, 2] { #expect(try segment[number].plugin("STATUS").text.contains("\"code\":51")) }
    #expect(segment[1].log.contains("the store does not answer; the data plane stays as it is"))
    #expect(segment[1].log.contains("connection refused"))
    #expect(try [1, 2].map { try Picture(segment[$0]) } == before)
    for member in 0..<3 { try etcd.start(member) }
    try etcd.waitUntilServing()
    try segment[3].start(store(etcd))
    for host in segment.hosts { try host.waitForPeers(2) }
    for number in [1, 2] {
      #expect(segment[number].log.contains("the store answers again"))
      #expect(try segment[number].plugin("STATUS").status == 0)
      #expect(segment[number].daemon?.isRunning == true)
    }
    try pings.expectNoLoss()
  }

  @Test("compacted, cut off, another leader, the member in use killed: no packet is lost, and what happened meanwhile is made up for")
  func faults() throws {
    let (segment, etcd) = try network(hosts: 4, members: 3)
    try start([segment[1], segment[2], segment[3]], etcd)
    let containers = try [1, 2].map { try segment[$0].attach("c\($0)") }
    let pings = try Pings(from: containers[0], to: containers[1])
    let gone = try segment[3].waitForLease()

    // Host 1 is cut off and its connection reset; host 3's lease goes, and so does the history that says so.
    try Command.run(
      "nft -f -",
      input:
        "table ip cut { chain in { type filter hook input priority 0; ip saddr 192.0.2.1 tcp dport 2379-2399 reject with tcp reset; }; }")
    try Command.run("ss -K dst 192.0.2.1")
    try segment[1].wait("the loss") { segment[1].log.contains("the store does not answer") }
    segment[3].stop()
    try etcd.control("del", "\(EtcdTests.prefix)/subnets/\(gone.key.description.split(separator: "/").joined(separator: "-"))")
    let revision = try etcd.control("put", "/last", "1", "-w", "json").firstMatch(of: /"revision":(\d+)/).orThrow("no revision").1
    try etcd.control("compact", String(revision))
    #expect(try segment[1].routes().count == 2)
    try Command.run("nft delete table ip cut")
    try segment[1].wait("the news") { try segment[1].routes().count == 1 }
    try segment[1].wait("the word") { segment[1].log.contains("the store answers again") }

    try etcd.moveLeader()
    let processID = try (segment[1].daemon?.processID).orThrow("no overlayd")
    let member = try segment[1].namespace.run { try etcd.member(usedBy: processID) }.orThrow("no connection")
    etcd.stop(member, SIGKILL)
    try segment[4].start(store(etcd))
    for number in [1, 2, 4] { try segment[number].waitForPeers(2) }
    #expect([1, 2, 4].allSatisfy { segment[$0].daemon?.isRunning == true })
    try pings.expectNoLoss()
  }

  @Test("a host on which flannel was keeps its network, and one on which flannel is stays a peer as any other")
  func flannel() throws {
    let (segment, etcd) = try network(hosts: 1)
    func put(_ network: String, _ address: String, _ mac: String) throws {
      let lease = try etcd.control("lease", "grant", "86400").split(separator: " ")[1]
      let record =
        #"{"PublicIP":"\#(address)","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"\#(mac)"}}"#
      try etcd.control("put", "\(EtcdTests.prefix)/subnets/\(network)-24", record, "--lease=\(lease)")
    }
    try put("10.244.70.0", "192.0.2.1", "9e:4e:7d:22:5c:01")
    try put("10.244.69.0", "192.0.2.69", "9e:4e:7d:22:5c:69")
    try segment[1].start(store(etcd))
    #expect(try segment[1].waitForLease().key.description == "10.244.70.0/24")
    try segment[1].wait("the peer") {
      try segment[1].routes() == ["10.244.69.0/24": "10.244.69.0"] && segment[1].forwarding() == ["9e:4e:7d:22:5c:69": "192.0.2.69"]
        && segment[1].neighbors() == ["10.244.69.0": "9e:4e:7d:22:5c:69"]
    }
  }

  @Test(
    "a host of flannel's with both families, which has a device for each, and its containers reach ours and are reached",
    arguments: [true, false])
  func flannelOfBothFamilies(_ hasIPv4Underlay: Bool) throws {
    let (segment, etcd) = try network(hosts: 1, ["Network": "10.244.0.0/16", "EnableIPv6": true, "IPv6Network": "fd00:244::/48"])
    let host = segment[1], flannel = try TestNamespace()
    try Command.run("ip link add port69 type veth peer name lan0 netns \(flannel.path)")
    try Command.run("ip link set port69 master under up")
    var address = EtcdTests.address
    if !hasIPv4Underlay {
      // Another way to etcd, which speaks IPv4 only here.
      address = "198.51.100.254"
      try Command.run("ip link add control type veth peer name control netns \(host.namespace.path)")
      try Command.run("ip addr add 198.51.100.254/24 dev control")
      try Command.run("ip link set control up")
      try host.run("ip addr add 198.51.100.1/24 dev control")
      try host.run("ip link set control up")
      try host.run("ip -4 addr flush dev lan0")
    }
    // Who comes later takes another network.
    try etcd.control(
      "put", "\(EtcdTests.prefix)/subnets/10.244.69.0-24&fd00:244:0:69::-64",
      #"{"PublicIP":"192.0.2.69","PublicIPv6":"fd00:2::69","BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"9e:4e:7d:22:5c:12"},"BackendV6Data":{"VNI":1,"VtepMAC":"9e:4e:7d:22:5c:13"}}"#
    )
    try host.start(["--store", "etcd:\(etcd.endpoints(host: address))"])
    let ours = try host.waitForLease()
    let mac = try ours.macAddress.orThrow("no Ethernet address")
    let first = try ours.subnet.orThrow("no IPv4"), second = try ours.ipv6Subnet.orThrow("no IPv6")
    // What flanneld makes of our record.
    let lines = [
      "ip link set lo up", "ip addr add 192.0.2.69/24 dev lan0", "ip addr add fd00:2::69/64 dev lan0 nodad", "ip link set lan0 up",
      "ip link add flannel.1 address 9e:4e:7d:22:5c:12 type vxlan id 1 local 192.0.2.69 dev lan0 dstport 8472 nolearning",
      "ip link add flannel-v6.1 address 9e:4e:7d:22:5c:13 type vxlan id 1 local fd00:2::69 dev lan0 dstport 8472 nolearning",
      "ip addr add 10.244.69.0/32 dev flannel.1", "ip addr add fd00:244:0:69::/128 dev flannel-v6.1 nodad",
      "ip link set flannel.1 up", "ip link set flannel-v6.1 up",
      "ip neigh replace \(first.address) lladdr \(mac) dev flannel.1 nud permanent",
      "ip neigh replace \(second.address) lladdr \(mac) dev flannel-v6.1 nud permanent",
      "bridge fdb append \(mac) dev flannel-v6.1 dst fd00:2::1", "bridge fdb append \(mac) dev flannel.1 dst 192.0.2.1",
      "ip route replace \(first) via \(first.address) dev flannel.1 onlink",
      "ip route replace \(second) via \(second.address) dev flannel-v6.1 onlink",
      // Its container.
      "ip link add cni0 type bridge", "ip addr add 10.244.69.1/24 dev cni0", "ip addr add fd00:244:0:69::1/64 dev cni0 nodad",
      "ip link set cni0 up", "sysctl -qw net.ipv4.ip_forward=1", "sysctl -qw net.ipv6.conf.all.forwarding=1",
    ]
    let container = try TestNamespace()
    try flannel.run {
      for line in lines { try Command.run(line) }
      try Command.run("ip link add v0 type veth peer name eth0 netns \(container.path)")
      try Command.run("ip link set v0 master cni0 up")
    }
    try container.run {
      for line in [
        "ip link set lo up", "ip link set eth0 up", "ip addr add 10.244.69.2/24 dev eth0", "ip addr add fd00:244:0:69::2/64 dev eth0 nodad",
        "ip route add default via 10.244.69.1", "ip route add default via fd00:244:0:69::1",
      ] { try Command.run(line) }
    }
    try host.waitForPeers(1)
    let near = try host.attach("c1")
    // Without IPv4 below, flannel has no way to our IPv4 network.
    for family in hasIPv4Underlay ? IPAddress.Family.allCases : [.v6] {
      let far = family == .v4 ? "10.244.69.2" : "fd00:244:0:69::2"
      _ = try Conversation(from: near.namespace, to: far, 80, server: container, 80)
      _ = try Conversation(from: container, to: near.address(family), 80, server: near.namespace, 80)
    }
    guard hasIPv4Underlay else { return }
    try host.run("ip link del ovl.1v6")
    try host.wait("the device") { try host.run("ip -br link show type vxlan").text.contains("ovl.1v6") }
    _ = try Conversation(from: container, to: near.address(.v6), 80, server: near.namespace, 80)
    try etcd.control("del", "\(EtcdTests.prefix)/subnets/10.244.69.0-24&fd00:244:0:69::-64")
    try host.wait("its end") { try !host.run("ip -br link show type vxlan").text.contains("ovl.1v6") }
  }

  @Test("a lease that somebody deletes is taken again, the same network")
  func deleted() throws {
    let (segment, etcd) = try network(hosts: 2)
    try start(segment.hosts, etcd)
    let lease = try segment[1].waitForLease(), container = try segment[1].attach("c1")
    try etcd.control("del", key(lease))
    try segment[1].wait("the word") { segment[1].log.contains("taking it again") }
    #expect(try segment[1].waitForLease().key == lease.key)
    try segment[2].wait("the route") { try segment[2].routes().keys.contains("\(lease.key)") }
    let far = try segment[2].attach("c2")
    _ = try Conversation(from: far.namespace, to: container.address(.v4), 80, server: container.namespace, 80)
  }

  @Test("a lease that ends under a living host, because it was cut off, is taken again, and containers keep their addresses")
  func expired() throws {
    let (segment, etcd) = try network(hosts: 2)
    try start(segment.hosts, etcd, "--lease-seconds", "6")
    let lease = try segment[1].waitForLease(), container = try segment[1].attach("c1")
    try Command.run(
      "nft -f -", input: "table ip cut { chain in { type filter hook input priority 0; ip saddr 192.0.2.1 tcp dport 2379 drop; }; }")
    try segment[2].wait("the end") { try segment[2].routes().isEmpty && segment[2].forwarding().isEmpty && segment[2].neighbors().isEmpty }
    try Command.run("nft delete table ip cut")
    try segment[2].wait("the route") { try segment[2].routes().keys.contains("\(lease.key)") }
    #expect(try segment[1].waitForLease().key == lease.key)
    let far = try segment[2].attach("c2")
    _ = try Conversation(from: far.namespace, to: container.address(.v4), 80, server: container.namespace, 80)
  }

  @Test("a host whose address changes tells the others at once, by a new connection, and misses nothing")
  func changedAddress() throws {
    let (segment, etcd) = try network(hosts: 2)
    try start(segment.hosts, etcd)
    // Else the kernel removes the second address of a network with the first one, and for a moment there is none.
    try segment[2].run("sysctl -qw net.ipv4.conf.lan0.promote_secondaries=1")
    try segment[2].run("ip addr add 192.0.2.77/24 dev lan0")
    try segment[2].run("ip addr del 192.0.2.2/24 dev lan0")
    try segment[1].wait("the new address") { try Set(segment[1].forwarding().values) == ["192.0.2.77"] }
    try etcd.control(
      "put", "\(EtcdTests.prefix)/subnets/10.244.250.0-24",
      #"{"PublicIP":"192.0.2.250","BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"02:00:00:00:00:fa"}}"#)
    try segment[2].wait("what happened since") { try segment[2].forwarding().values.contains("192.0.2.250") }
    // Nobody waited for an answer to what the old address had asked.
    #expect(!segment[2].log.contains("does not answer"), "\(segment[2].log)")
  }

  @Test("a host made from a copy of another one gives way, says so, and takes another network")
  func copiedState() throws {
    let (segment, etcd) = try network(hosts: 2)
    try segment[1].start(store(etcd))
    let lease = try segment[1].waitForLease()
    try FileSystem.createFolders(segment[2].dataFolder)
    try FileSystem.replace("\(segment[2].dataFolder)/lab.json", content: FileSystem.read("\(segment[1].dataFolder)/lab.json"))
    try segment[2].start(store(etcd))
    let other = try segment[2].waitForLease { $0.key != lease.key }
    #expect(!other.overlaps(lease))
    #expect(segment[2].log.contains("level=error") && segment[2].log.contains("claimed this host's network earlier"))
    #expect(try segment[1].waitForLease().key == lease.key)
    try segment[1].waitForPeers(1)
    #expect(try etcd.control("get", key(lease), "--print-value-only").contains(lease.holder?.node ?? "?"))
  }

  @Test("a password that is wrong from now on and a certificate that has expired are said in one line, and harm nothing")
  func refused() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try Command.run("ip addr add \(EtcdTests.address)/24 dev under")
    let certificates = try Certificates()
    try certificates.make("server", commonName: "etcd")
    let etcd = try EtcdServers(
      scheme: "https", options: ["--cert-file", certificates.certificate("server"), "--key-file", certificates.key("server")],
      clientOptions: ["--insecure-transport=false", "--insecure-skip-tls-verify"])
    try etcd.control("put", "\(EtcdTests.prefix)/config", #"{"Network": "10.244.0.0/16"}"#)
    for user in ["root", "overlay"] { try etcd.control("user", "add", "\(user):secret") }
    try etcd.control("user", "grant-role", "root", "root")
    try etcd.control("role", "add", "overlay")
    try etcd.control("role", "grant-permission", "overlay", "--prefix=true", "readwrite", "\(EtcdTests.prefix)/")
    try etcd.control("user", "grant-role", "overlay", "overlay")
    try etcd.control("auth", "enable")
    etcd.clientOptions += ["--user", "root:secret"]
    let options: JSONValue = ["etcd": ["authorityFile": .string(certificates.authority), "user": "overlay", "password": "secret"]]
    try FileSystem.replace("/run/overlayd.json", content: Array(options.text.utf8))
    for host in segment.hosts { try host.start(store(etcd) + ["--config", "/run/overlayd.json"]) }
    for host in segment.hosts { try waitForEverything(host, peers: 1) }
    let before = try Picture(segment[1])

    try etcd.control("user", "passwd", "overlay", "--interactive=false", input: "other\n")
    // The next connection has to show who it is.
    try Command.run("ss -K dst 192.0.2.1")
    try segment[1].wait("the complaint") { segment[1].log.contains("wrong user or password") }
    #expect(try Picture(segment[1]) == before)
    try etcd.control("user", "passwd", "overlay", "--interactive=false", input: "secret\n")
    try segment[1].wait("the word") { segment[1].log.contains("the store answers again") }

    try certificates.make("server", commonName: "etcd", days: -1)
    try Command.run("ss -K dst 192.0.2.1")
    try segment[1].wait("the complaint") { segment[1].log.contains("its certificate has expired on") }
    #expect(try Picture(segment[1]) == before)
    try certificates.make("server", commonName: "etcd")
    try segment[1].wait("the word") { segment[1].log.components("the store answers again") >= 2 }
    #expect(segment.hosts.allSatisfy { $0.daemon?.isRunning == true })
  }

  private func key(_ lease: Lease) -> String {
    "\(EtcdTests.prefix)/subnets/\(lease.key.description.split(separator: "/").joined(separator: "-"))"
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
