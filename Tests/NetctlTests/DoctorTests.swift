import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl doctor", .networkNamespace)
struct DoctorTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  private func findings() throws -> [(topic: String, text: String, fix: String)] {
    let output = try netctl.attempt("doctor", "--json")
    let findings = try output.json["findings"].elements.map { ($0["topic"].string, $0["finding"].string, $0["fix"].string) }
    #expect(output.status == (findings.isEmpty ? 0 : 1), "\(output)")
    return findings
  }

  /// The findings of one topic, each with its fix.
  private func findings(_ topic: String) throws -> [String] { try findings().filter { $0.topic == topic }.map { "\($0.text)\n\($0.fix)" } }

  @Test("a host that the plugins have set up is fine, and nothing is changed by looking")
  func fine() throws {
    _ = try netctl.add("-p", "8080:80")
    let before = try World(container: nil).lines
    let output = try netctl.attempt("doctor")
    #expect(output.status == 0 && output.text.contains("fine: "), "\(output)")
    // Addresses that IPv6 makes by itself come in their own time.
    let change = Set(before.filter { !$0.contains("fe80::") }).symmetricDifference(
      try World(container: nil).lines.filter { !$0.contains("fe80::") })
    #expect(change == [], "\(change)")
  }

  @Test("forwarding that is off is told for each family that containers have")
  func forwarding() throws {
    _ = try netctl.add()
    try Command.run("sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0")
    let found = try findings("forwarding")
    #expect(found.count == 2 && found[0].contains("IPv4 forwarding is off") && found[0].contains("sysctl -w net.ipv4.ip_forward=1"))
    try Command.run("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
    #expect(try findings("forwarding") == [])
  }

  @Test("strict rp_filter is told where a container's answer would leave by another link")
  func reversePath() throws {
    let name = try netctl.add()
    try Command.run("sysctl -q -w net.ipv4.conf.cni0.rp_filter=1")
    #expect(try findings("rp_filter") == [])
    try Command.run("ip -n \(name) addr add 203.0.113.7/24 dev eth0")
    let found = try findings("rp_filter")
    #expect(
      found.count == 1 && found[0].contains("203.0.113.7 of \(name) comes in") && found[0].contains("ip route add 203.0.113.7 dev cni0"))
    try Command.run("ip route add 203.0.113.7 dev cni0")
    #expect(try findings("rp_filter") == [])
  }

  @Test("others' chains that drop what is forwarded are told with the rule that lets containers through, and it does")
  func firewall() throws {
    _ = try netctl.add()
    try Command.run("nft add table ip other")
    try Command.run("nft add chain ip other FORWARD { type filter hook forward priority 0 ; policy drop ; }")
    let found = try #require(try findings().first { $0.topic == "forward policy" })
    #expect(found.text.contains("table ip other, chain FORWARD: policy drop"))
    for command in found.fix.split(separator: "; ") { try Command.run(String(command)) }
    #expect(try Command.run("nft list chain ip other FORWARD").text.contains("iifname \"cni0\" accept"))
    try Command.run("iptables -N DOCKER-USER")
    try Command.run("iptables -P FORWARD DROP")
    #expect(try findings("forward policy").contains { $0.contains("iptables -I DOCKER-USER -i cni0 -j ACCEPT") })
  }

  @Test("a bridge whose frames pass a foreign drop is told")
  func bridgeFilter() throws {
    guard (try? FileSystem.read("/proc/sys/net/bridge/bridge-nf-call-iptables")) != nil else { return }
    _ = try netctl.add()
    try Command.run("nft add table ip other")
    try Command.run("nft add chain ip other FORWARD { type filter hook forward priority 0 ; policy drop ; }")
    try Command.run("sysctl -q -w net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0")
    #expect(try findings("bridge-nf-call") == [])
    try Command.run("sysctl -q -w net.bridge.bridge-nf-call-iptables=1")
    #expect(try findings("bridge-nf-call").first?.contains("sysctl -w net.bridge.bridge-nf-call-iptables=0") ?? false)
  }

  @Test("tables of the old iptables beside nftables are told")
  func oldIptables() throws {
    _ = try netctl.add("-p", "8080:80")
    #expect(try findings("iptables-legacy") == [])
    guard try Command.attempt(["iptables-legacy", "-A", "FORWARD", "-j", "ACCEPT"]).status == 0 else { return }
    #expect(try findings("iptables-legacy").first?.contains("ip filter") ?? false)
  }

  @Test("a connection table that is nearly full is told")
  func conntrack() throws {
    let folder = "/proc/sys/net/netfilter"
    try FileSystem.replace("/run/count", content: Array("89\n".utf8))
    try FileSystem.replace("/run/max", content: Array("100\n".utf8))
    try Command.run("mount --bind /run/count \(folder)/nf_conntrack_count")
    try Command.run("mount --bind /run/max \(folder)/nf_conntrack_max")
    #expect(try findings("conntrack") == [])
    try FileSystem.overwriteForTest("/run/count", "90\n")
    let found = try findings("conntrack")
    #expect(found.first?.contains("90 of 100") ?? false && found.first?.contains("nf_conntrack_max=200") ?? false, "\(found)")
  }

  @Test("a network whose addresses are routed by somebody else is told")
  func pools() throws {
    _ = try netctl.add()
    #expect(try findings("pools") == [])
    try Command.run("ip link add tun9 type veth peer name far9")
    try Command.run("ip link set tun9 up")
    try Command.run("ip link set far9 up")
    try Command.run("ip route add 10.88.128.0/17 dev tun9")
    let found = try findings("pools")
    #expect(found.count == 1 && found[0].contains("network lab hands out addresses of 10.88.0.0/16, but 10.88.128.0/17 is routed by tun9"))
    let twin = #"{"cniVersion":"1.0.0","name":"twin","type":"bridge","ipam":{"type":"host-local","subnet":"10.88.3.0/24"}}"#
    try FileSystem.replace("/run/conf/20-twin.conf", content: Array(twin.utf8))
    #expect(try findings("pools").contains { $0.contains("networks lab and twin both hand out addresses of 10.88.3.1-10.88.3.254") })
  }

  @Test("networkd, udev and NetworkManager are told of where they take veths, and nobody where they do not")
  func managers() throws {
    let topics: Set<String> = ["networkd", "udev", "NetworkManager"]
    func told() throws -> [String] { try findings().map(\.topic).filter { topics.contains($0) } }
    func write(_ path: String, _ text: String) throws {
      try FileSystem.createFolders(FileSystem.folder(of: path))
      try FileSystem.replace(path, content: Array(text.utf8))
    }
    try write("/etc/systemd/network/50-all.network", "[Match]\nName=*\n[Network]\nDHCP=yes\n")
    #expect(try told() == [], "networkd does not run")
    try FileSystem.createFolders("/run/systemd/netif/links")
    #expect(try told() == ["networkd"])
    try write("/etc/systemd/network/10-containers.network", "[Match]\nKind=veth\n[Link]\nUnmanaged=yes\n")
    #expect(try told() == [])
    try write("/etc/systemd/network/10-name.link", "[Match]\nOriginalName=veth*\n[Link]\nName=lan0\n")
    #expect(try told() == ["udev"])
    try write("/etc/systemd/network/10-name.link", "[Match]\nOriginalName=veth*\nPath=pci-*\n[Link]\nName=lan0\n")
    #expect(try told() == [])
    try FileSystem.createFolders("/run/NetworkManager")
    #expect(try told() == ["NetworkManager"])
    try write("/etc/NetworkManager/conf.d/containers.conf", "[keyfile]\nunmanaged-devices=interface-name:veth*;interface-name:cni*\n")
    #expect(try told() == [])
  }

  @Test("what the kernel lacks is told from a namespace that is thrown away")
  func kernel() throws {
    let notes = try netctl.attempt("doctor", "--json").json["notes"].elements.map(\.string)
    for (kind, name) in [("vlan", "VLAN devices"), ("ipvlan", "ipvlan"), ("wireguard", "WireGuard"), ("vxlan", "VXLAN devices")] {
      // ip(8) says whether the kernel knows the kind; what it lacks else is its own concern.
      let isUnknown = try Command.attempt(["ip", "link", "add", "x9", "type", kind]).errors.contains("Unknown device type")
      #expect(notes.contains { $0.contains("the kernel has no") && $0.contains(name) } == isUnknown, "\(kind): \(notes)")
    }
    #expect(try findings("kernel") == [])
  }
}

extension FileSystem {
  /// Writes into the file itself: one that is mounted elsewhere, too, must not be replaced.
  fileprivate static func overwriteForTest(_ path: String, _ text: String) throws {
    try Folder(folder(of: path)).overwrite(String(path.split(separator: "/").last ?? ""), content: Array(text.utf8))
  }
}
