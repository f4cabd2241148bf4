import Addresses
import JSON
import Linux
import Overlay
import TestSupport
import Testing

/// A tunnel for each family of the overlay, by the underlay of its own.
extension WireGuardTests {
  @Test("each family has a tunnel of its own, which is repaired, netctl shows both, and without one underlay the other carries both")
  func separate() throws {
    let segment = try Segment(hosts: 2, WireGuardTests.configuration("separate"))
    try segment.start()
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    func converse() throws {
      for family in IPAddress.Family.allCases {
        let conversation = try Conversation(
          from: containers[0].namespace, to: containers[1].address(family), 80, server: containers[1].namespace, 80)
        #expect(try conversation.client == containers[0].address(family))
      }
    }
    let host = segment[1], lease = try segment[2].waitForLease(), key = try lease.wireguardKey.orThrow("no key")
    func picture() throws -> [WireGuardPicture] { try ["ovl.1", "ovl.1v6"].map { try WireGuardPicture(host, device: $0) } }
    try host.wait("everything") { try picture().allSatisfy { $0.peers.count == 1 } }
    try converse()
    let before = try picture()
    #expect(before[0].peers[key]?.endpoint == "192.0.2.2:51820" && before[1].peers[key]?.endpoint == "[fd00:2::2]:51821")
    #expect(before.map { $0.peers[key]?.allowed } == lease.subnets.map { ["\($0)"] })
    #expect(try host.run("ip -6 route get \(containers[1].address(.v6))").text.contains("dev ovl.1v6"))
    for damage in ["wg set ovl.1v6 peer \(key) remove", "wg set ovl.1v6 listen-port 1234", "ip link del ovl.1v6"] {
      try host.run(damage)
      try host.wait("repair of: \(damage)") { try picture() == before }
    }
    try converse()
    try netctl(host)
    // Without IPv6 below at one of them.
    try segment[2].run("ip -6 addr flush dev lan0 scope global")
    for (host, other) in [(segment[1], segment[2]), (segment[2], segment[1])] {
      let other = try other.waitForLease()
      try host.wait("the other way") {
        try WireGuardPicture(host).peers[other.wireguardKey ?? ""]?.allowed == other.subnets.map { "\($0)" }.sorted()
      }
    }
    try segment[2].wait("the device's end") { try segment[2].run("ip -br link show type wireguard").text.contains("ovl.1v6") == false }
    try converse()
  }

  private func netctl(_ host: OverlayHost) throws {
    let program = "\(PluginRunner.productFolder)/netctl", folder = FileSystem.folder(of: host.state.path)
    func netctl(_ words: String...) throws -> Command.Output {
      try host.namespace.run { try Command.attempt([program, "overlay"] + words + ["--state-folder", folder]) }
    }
    let status = try netctl("status")
    #expect(status.status == 0 && status.text.contains("ovl.1 ovl.1v6") && status.text.contains("1420"), "\(status)")
    let test = try netctl("test", "--no-throughput", "--json")
    #expect(try test.status == 0 && test.json["peers"].elements.map { $0["largestPacket"] } == [1420, 1420], "\(test)")
    let peers = try netctl("peers", "--json")
    #expect(try peers.status == 0 && peers.json["peers"][0]["endpoints"] == ["192.0.2.2:51820", "[fd00:2::2]:51821"], "\(peers)")
    host.stop()
    try host.run("ip link del ovl.1v6")
    let missing = try netctl("peers")
    #expect(missing.status == 1 && missing.text.contains("device ovl.1v6 is missing"), "\(missing)")
    try host.start()
    try host.wait("the device") { try WireGuardPicture(host, device: "ovl.1v6").peers.count == 1 }
  }

  @Test("a host of flannel's with a device for each family, and its containers, reach ours and are reached by both")
  func flannel() throws {
    let segment = try Segment(hosts: 1), host = segment[1], flannel = try TestNamespace(), container = try TestNamespace()
    try Command.run("ip addr add 192.0.2.254/24 dev under")
    let etcd = try EtcdServers()
    // flannel's default is the mode "separate".
    let configuration: JSONValue = [
      "Network": "10.244.0.0/16", "EnableIPv6": true, "IPv6Network": "fd00:244::/48", "Backend": ["Type": "wireguard"],
    ]
    try etcd.control("put", "/coreos.com/network/config", configuration.text)
    let secret = try Command.run("wg genkey").text
    try FileSystem.replace("/run/flannel.key", content: Array(secret.utf8))
    let key = try Command.run("wg pubkey", input: secret).text.split(separator: "\n")[0]
    try etcd.control(
      "put", "/coreos.com/network/subnets/10.244.69.0-24&fd00:244:0:69::-64",
      #"{"PublicIP":"192.0.2.69","PublicIPv6":"fd00:2::69","BackendType":"wireguard","BackendData":{"PublicKey":"\#(key)"},"BackendV6Data":{"PublicKey":"\#(key)"}}"#
    )
    try host.start(["--store", "etcd:\(etcd.endpoints(host: "192.0.2.254"))"])
    try host.waitForPeers(1)
    let ours = try host.waitForLease(), theirs = try ours.wireguardKey.orThrow("no key")
    let record = try etcd.control(
      "get", "--prefix", "/coreos.com/network/subnets/\(ours.subnet.orThrow("no IPv4").address)", "--print-value-only")
    let json = try JSONValue.parse(record)
    #expect(json["BackendData"]["PublicKey"].string == theirs && json["BackendV6Data"]["PublicKey"].string == theirs, "\(record)")
    try Command.run("ip link add port69 type veth peer name lan0 netns \(flannel.path)")
    try Command.run("ip link set port69 master under up")
    try flannel.run {
      try Command.run("ip link add v0 type veth peer name eth0 netns \(container.path)")
      // What flanneld makes of our record.
      var lines = [
        "ip link set lo up", "ip addr add 192.0.2.69/24 dev lan0", "ip addr add fd00:2::69/64 dev lan0 nodad", "ip link set lan0 up",
      ]
      for (device, port, endpoint, address, subnet) in [
        ("flannel-wg", 51820, "192.0.2.1:51820", "10.244.69.0/32", ours.subnet),
        ("flannel-wg-v6", 51821, "[fd00:2::1]:51821", "fd00:244:0:69::/128", ours.ipv6Subnet),
      ] {
        let subnet = try subnet.orThrow("no network")
        lines += [
          "ip link add \(device) mtu 1420 type wireguard", "wg set \(device) listen-port \(port) private-key /run/flannel.key",
          "ip addr add \(address) dev \(device)", "ip link set \(device) up",
          "wg set \(device) peer \(theirs) endpoint \(endpoint) allowed-ips \(subnet)", "ip route add \(subnet) dev \(device)",
        ]
      }
      lines += [
        "ip link add cni0 type bridge", "ip addr add 10.244.69.1/24 dev cni0", "ip addr add fd00:244:0:69::1/64 dev cni0 nodad",
        "ip link set cni0 up", "ip link set v0 master cni0 up", "sysctl -qw net.ipv4.ip_forward=1",
        "sysctl -qw net.ipv6.conf.all.forwarding=1",
      ]
      for line in lines { try Command.run(line) }
    }
    try container.run {
      for line in [
        "ip link set lo up", "ip link set eth0 up", "ip addr add 10.244.69.2/24 dev eth0", "ip addr add fd00:244:0:69::2/64 dev eth0 nodad",
        "ip route add default via 10.244.69.1", "ip route add default via fd00:244:0:69::1",
      ] { try Command.run(line) }
    }
    let near = try host.attach("c1")
    for (family, far) in [(IPAddress.Family.v4, "10.244.69.2"), (.v6, "fd00:244:0:69::2")] {
      let conversation = try Conversation(from: near.namespace, to: far, 80, server: container, 80)
      #expect(try conversation.client == near.address(family))
      _ = try Conversation(from: container, to: near.address(family), 80, server: near.namespace, 80)
    }
  }

  @Test("a mode that the host has no address for is refused by the member's name, until it has one")
  func modeWithoutAddress() throws {
    let segment = try Segment(hosts: 1, WireGuardTests.configuration("ipv6")), host = segment[1]
    try host.run("ip -6 addr flush dev lan0 scope global")
    try host.start()
    try host.wait("the refusal") {
      host.log.contains("Backend.Mode: expected a mode that this host has addresses for, got ipv6, and interface lan0 has no IPv6 address")
    }
    try host.run("ip addr add fd00:2::1/64 dev lan0 nodad")
    try host.waitForLease()
  }

  @Test("the self-test finds by the tunnel that the underlay carries less than its interface says, where a host answers no echo there")
  func narrowPath() throws {
    let segment = try Segment(hosts: 2, WireGuardTests.configuration("ipv4"))
    try Command.run("ip link set port2 mtu 1400")
    try segment[2].namespace.run {
      try Command.run(
        "nft -f -", input: "table ip f { chain in { type filter hook input priority 0; iif lan0 icmp type echo-request drop; }; }")
    }
    try segment.start()
    try segment[1].wait("the finding") { segment[1].log.contains("the underlay carries smaller packets") }
    try segment[1].wait("the MTU") { try segment[1].json("ip -j link show ovl.1")[0]["mtu"].integer ?? 1500 <= 1344 }
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }, mtu = try segment[1].state.state().orThrow("no state").mtu
    // A bridge takes four bytes more than its port's MTU, for a VLAN's tag.
    #expect((1281...1344).contains(mtu))
    try containers[0].namespace.run { try Command.run("ping -q -c 1 -w 60 -M do -s \(mtu - 28) \(containers[1].address(.v4))") }
  }
}
