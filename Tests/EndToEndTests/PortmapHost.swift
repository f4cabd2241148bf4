import JSON
import Linux
import TestSupport

/// A host that publishes ports, another host at the same wire, and containers at two bridges, made with ip(8) and without the bridge plugin.
///
/// Container `number` at bridge `cni1` is 10.1.0.`number` and fd00:1::`number`; at `cni2` the 1 is a 2.
final class PortmapHost {
  /// Calls the plugin.
  let runner: PluginRunner
  /// 192.0.2.2 and fd00:2::2; this host is 192.0.2.1 and fd00:2::1.
  let lan: SecondHost

  init() throws {
    runner = try PluginRunner()
    lan = try SecondHost()
    try SysctlFolder("ipv6/conf").write("default/accept_dad", "0")
    let sysctl = try SysctlFolder()
    try sysctl.write("ipv4/ip_forward", "1")
    try sysctl.write("ipv6/conf/all/forwarding", "1")
    // An exchange without an answer is forgotten after 30 s, which on a busy machine is soon.
    try sysctl.write("netfilter/nf_conntrack_udp_timeout", "3600")
    for number in 1...2 {
      try Command.run("ip link add cni\(number) type bridge")
      try Command.run("ip addr add 10.\(number).0.1/24 dev cni\(number)")
      try Command.run("ip addr add fd00:\(number + 10)::1/64 dev cni\(number) nodad")
      try Command.run("ip link set cni\(number) up")
    }
  }

  /// A container with an interface, and what a runtime knows of it.
  func container(_ number: Int, at bridge: Int = 1, families: [Int] = [4, 6]) throws -> PortmapContainer {
    let container = try PortmapContainer(runner, "c\(number)", number, bridge, families)
    let port = "veth\(bridge)x\(number)"
    try Command.run("ip link add \(port) type veth peer name eth0 netns \(container.namespace.path)")
    try Command.run("ip link set \(port) master cni\(bridge)")
    try Command.run("ip link set \(port) up type bridge_slave hairpin on")
    try container.namespace.run {
      try Command.run("ip link set lo up")
      try Command.run("sysctl -qw net.ipv6.conf.eth0.accept_dad=0")
      try Command.run("ip link set eth0 up")
      if families.contains(4) {
        try Command.run("ip addr add 10.\(bridge).0.\(number)/24 dev eth0")
        try Command.run("ip route add default via 10.\(bridge).0.1")
      }
      if families.contains(6) {
        try Command.run("ip addr add fd00:\(bridge + 10)::\(number)/64 dev eth0 nodad")
        try Command.run("ip -6 route add default via fd00:\(bridge + 10)::1")
      }
    }
    // Before the port passes frames, a first packet would be lost.
    try Command.run("timeout 60 sh -s", input: "until bridge link show dev \(port) | grep -q 'state forwarding'; do :; done")
    return container
  }

  /// The elements of all maps and sets of our table, as nft(8) prints them in JSON.
  func elements() throws -> [JSONValue] {
    let listing = try Command.attempt(["nft", "-j", "list", "table", "inet", "swift_cni"])
    return try listing.status == 0
      ? listing.json["nftables"].elements.flatMap { ($0["map"]["elem"].elements + $0["set"]["elem"].elements) } : []
  }

  /// The value of a setting in /proc/sys/net.
  func setting(_ name: String) throws -> String { try SysctlFolder().read(name) }
}
