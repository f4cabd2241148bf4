import Glibc
import JSON
import TestSupport
import Testing

@Suite("portmap: connections that are tracked already", .networkNamespace)
struct PortmapConnectionTests {
  private let host: PortmapHost

  init() throws { host = try PortmapHost() }

  /// The host's address that a client of the LAN asks for.
  private static func address(_ family: Int32) -> String { family == AF_INET ? "192.0.2.1" : "fd00:2::1" }

  @Test("UDP from one client port follows the published port from container to container", arguments: [AF_INET, AF_INET6])
  func reuse(family: Int32) throws {
    let first = try host.container(5), second = try host.container(6), address = PortmapConnectionTests.address(family)
    let client = try PortmapDatagrams(in: host.lan.namespace, family: family)
    let firstServer = try PortmapDatagrams(in: first.namespace, port: 53, family: family)
    let secondServer = try PortmapDatagrams(in: second.namespace, port: 53, family: family)
    try first.add(["udp 5353:53"])
    try client.send(to: address, 5353)
    #expect(firstServer.receives())
    try first.expect("DEL", ["udp 5353:53"])
    try second.add(["udp 5353:53"])
    try client.send(to: address, 5353)
    #expect(secondServer.receives() && !firstServer.receives(.forSilence))
  }

  @Test(
    "UDP that went to the host itself before goes to the container",
    arguments: [
      (AF_INET, "udp 5353:53"), (AF_INET, "udp 0.0.0.0 5353:53"), (AF_INET, "udp 192.0.2.1 5353:53"), (AF_INET6, "udp 5353:53"),
      (AF_INET6, "udp :: 5353:53"), (AF_INET6, "udp fd00:2::1 5353:53"),
    ])
  func takenOver(family: Int32, mapping: String) throws {
    let web = try host.container(5), address = PortmapConnectionTests.address(family)
    let client = try PortmapDatagrams(in: host.lan.namespace, family: family)
    let server = try PortmapDatagrams(in: web.namespace, port: 53, family: family)
    do {
      // Tracked only once the rules are there, which another port brings.
      try host.container(6).add(["tcp 1:1"])
      let before = try PortmapDatagrams(in: nil, port: 5353, family: family)
      try client.send(to: address, 5353)
      #expect(before.receives())
    }
    // A process that another test has just started holds the socket until its exec.
    try Command.run("timeout 60 sh -s", input: "while ss -Hlun 'sport = 5353' | grep -q .; do :; done")
    try web.add([mapping])
    try client.send(to: address, 5353)
    #expect(server.receives())
  }

  @Test("an attachment collected by GC leaves no connection behind", arguments: [AF_INET, AF_INET6])
  func collected(family: Int32) throws {
    let web = try host.container(5), address = PortmapConnectionTests.address(family)
    let client = try PortmapDatagrams(in: host.lan.namespace, family: family)
    let server = try PortmapDatagrams(in: web.namespace, port: 53, family: family)
    try web.add(["udp 5353:53"])
    try client.send(to: address, 5353)
    #expect(server.receives())
    try web.runner.expect("GC", PortmapContainer.plain.with("cni.dev/valid-attachments", []), in: nil)
    try client.send(to: address, 5353)
    #expect(!server.receives(.forSilence))
  }

  @Test("other exchanges go on: forwarded ones to the same port elsewhere, and those of other containers", arguments: [AF_INET, AF_INET6])
  func others(family: Int32) throws {
    let web = try host.container(5), other = try host.container(6), address = PortmapConnectionTests.address(family)
    try other.add(["udp 5354:53"])
    try host.container(7).add(["udp 127.0.0.1 5353:53"])
    // The container asks a server of the LAN at the very port, masqueraded as containers are.
    try Command.run("nft add table inet test")
    try Command.run(
      "nft -f -",
      input: """
        add chain inet test post { type nat hook postrouting priority 100; }
        add rule inet test post oifname lan0 masquerade

        """)
    let remote = try PortmapDatagrams(in: host.lan.namespace, port: 5353, family: family)
    let asking = try PortmapDatagrams(in: web.namespace, family: family)
    let client = try PortmapDatagrams(in: host.lan.namespace, family: family)
    let otherServer = try PortmapDatagrams(in: other.namespace, port: 53, family: family)
    try asking.send(to: family == AF_INET ? "192.0.2.2" : "fd00:2::2", 5353)
    #expect(remote.receives())
    try client.send(to: address, 5354)
    #expect(otherServer.receives())
    let before = try Command.run("conntrack -L -p udp -f \(family == AF_INET ? "ipv4" : "ipv6")").text.split(separator: "\n").count
    #expect(before == 2)
    try web.add(["udp \(address) 5353:53"])
    try web.expect("DEL", ["udp \(address) 5353:53"])
    #expect(try Command.run("conntrack -L -p udp -f \(family == AF_INET ? "ipv4" : "ipv6")").text.split(separator: "\n").count == before)
    let third = try host.container(8, families: [family == AF_INET ? 4 : 6])
    try third.add(["udp 5355:53"])
    try third.expect("DEL", ["udp 5355:53"])
    #expect(try Command.run("conntrack -L -p udp -f \(family == AF_INET ? "ipv4" : "ipv6")").text.split(separator: "\n").count == before)
  }

  @Test("an established TCP connection goes on after somebody's flush of the ruleset, once an ADD of another container has restored it")
  func established() throws {
    let web = try host.container(5), other = try host.container(6)
    try web.add(["tcp 8080:80"])
    try Command.run("tee /run/other.json", input: other.chained(PortmapContainer.configuration(["tcp 8081:80"])).text)
    let script = """
      nsenter --net=\(web.namespace.path) timeout 60 socat TCP-LISTEN:80,reuseaddr EXEC:cat &
      timeout 60 sh -c 'until nsenter --net=\(web.namespace.path) ss -Hltn "sport = 80" | grep -q 80; do :; done'
      exec 3<>/dev/tcp/127.0.0.1/8080
      echo one >&3; read -t 2 answer <&3; echo "$answer"
      nft flush ruleset
      CNI_COMMAND=ADD CNI_CONTAINERID=c6 CNI_NETNS=\(other.namespace.path) CNI_IFNAME=eth0 CNI_PATH=/run/plugins \
        /run/plugins/portmap < /run/other.json > /dev/null
      echo two >&3; read -t 4 answer <&3; echo "$answer"
      exec 3>&-; kill %1; wait
      """
    #expect(try Command.run("bash -s", input: script).text == "one\ntwo\n")
  }
}
