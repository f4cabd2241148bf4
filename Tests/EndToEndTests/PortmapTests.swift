import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("portmap", .networkNamespace)
struct PortmapTests {
  private let host: PortmapHost
  private let web: PortmapContainer

  init() throws {
    host = try PortmapHost()
    web = try host.container(5)
  }

  private func isReachable(_ port: UInt16, _ server: PortmapContainer? = nil) -> Bool {
    Conversation.works(from: host.lan.namespace, to: "192.0.2.1", port, server: (server ?? web).namespace, 80)
  }

  private func isUnreachable(_ port: UInt16, _ server: PortmapContainer? = nil) -> Bool {
    Conversation.fails(from: host.lan.namespace, to: "192.0.2.1", port, server: (server ?? web).namespace, 80)
  }

  @Test("the previous result is passed on", arguments: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"])
  func passesOn(version: String) throws {
    let configuration = web.chained(PortmapContainer.configuration(["tcp 8080:80"], ["cniVersion": .string(version)]))
    let result = try web.runner.add(configuration, in: web.namespace)
    #expect(result["cniVersion"] == .string(version))
    #expect(result["interfaces"] == web.previous["interfaces"])
    #expect(result["ips"].elements.map { $0["address"] } == web.previous["ips"].elements.map { $0["address"] })
    #expect(isReachable(8080))
  }

  @Test("a result of version 0.2.0 has no interfaces, and its addresses count", arguments: ["0.1.0", "0.2.0"])
  func oldResult(version: String) throws {
    let configuration = PortmapContainer.configuration(["tcp 8080:80"], ["cniVersion": .string(version)])
      .with("prevResult", ["ip4": ["ip": "10.1.0.5/24"], "ip6": ["ip": "fd00:11::5/64"]])
    #expect(try web.runner.add(configuration, in: web.namespace)["ip4"]["ip"] == "10.1.0.5/24")
    #expect(isReachable(8080))
    try web.runner.expect("DEL", configuration.without("prevResult"), in: nil)
    #expect(try host.elements() == [])
  }

  @Test("without mappings nothing is done, and the result is passed on")
  func noMappings() throws {
    for configuration in [
      PortmapContainer.plain, PortmapContainer.configuration([]), PortmapContainer.plain.with("runtimeConfig", ["portMappings": nil]),
    ] {
      #expect(try web.runner.add(web.chained(configuration), in: web.namespace) == web.previous)
      try web.runner.expect("CHECK", web.chained(configuration), in: web.namespace)
      try web.runner.expect("DEL", web.chained(configuration), in: web.namespace)
    }
    #expect(try Command.run("nft list ruleset").text.isEmpty)
    #expect(!FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("keys as containerd writes them, with Go's capitals and an empty address")
  func goKeys() throws {
    let configuration = web.chained(PortmapContainer.plain).with(
      "RuntimeConfig",
      [
        "PortMappings": [
          ["HostPort": 8080, "ContainerPort": 80, "Protocol": "TCP", "HostIP": ""], ["HostPort": 8081, "ContainerPort": 80],
        ]
      ])
    _ = try web.runner.add(configuration, in: web.namespace)
    #expect(isReachable(8080) && isReachable(8081))
  }

  @Test("the first address of each family on the container's interface is published, those of host interfaces are not")
  func containerAddress() throws {
    let ips: JSONValue = [
      ["address": "10.1.0.1/24", "interface": 0], ["address": "10.1.0.99/24", "interface": 3], ["address": "10.1.0.5/24", "interface": 2],
      ["address": "10.1.0.98/24", "interface": 2],
    ]
    let previous = web.previous.with("ips", ips).with(
      "interfaces", .array(web.previous["interfaces"].elements + [["name": "eth1", "sandbox": .string(web.namespace.path)]]))
    let configuration = PortmapContainer.configuration(["tcp 8080:80"]).with("prevResult", previous)
    _ = try web.runner.add(configuration, in: web.namespace)
    #expect(isReachable(8080))
    for interface: JSONValue in [nil, 7, -1] {
      var address: JSONValue = ["address": "10.1.0.5/24"]
      if interface != nil { address = address.with("interface", interface) }
      let first = configuration.with("prevResult", previous.with("ips", .array([address] + ips.elements)))
      try web.runner.expect("CHECK", first, in: web.namespace)
    }
  }

  @Test("ADD can be repeated, and changes what it finds to what it should be")
  func idempotent() throws {
    try web.add(["tcp 8080:80", "udp 53:53"])
    let before = try host.elements()
    try web.add(["tcp 8080:80", "udp 53:53"])
    #expect(try host.elements().count == before.count)
    try web.expect("CHECK", ["tcp 8080:80", "udp 53:53"])
    try web.add(["tcp 8081:80"])
    #expect(isReachable(8081) && isUnreachable(8080))
    try web.expect("DEL", ["tcp 8081:80"])
    #expect(try host.elements() == [])
  }

  @Test("DEL works twice, without previous result, without namespace, and without the mappings", arguments: 0..<4)
  func deletes(way: Int) throws {
    let mappings = ["tcp 8080:80", "udp 127.0.0.1 53:53", "tcp 20000:20000", "tcp 20001:20001", "sctp 9:10"]
    let before = try World(container: web.namespace)
    try web.add(mappings)
    let full = web.chained(PortmapContainer.configuration(mappings))
    for _ in 0..<2 {
      switch way {
      case 0: try web.runner.expect("DEL", full, in: web.namespace)
      case 1: try web.runner.expect("DEL", full.without("prevResult"), in: web.namespace)
      case 2: try web.runner.expect("DEL", full, in: nil)
      default: try web.runner.expect("DEL", PortmapContainer.plain, in: nil)
      }
      #expect(try host.elements() == [])
    }
    // The empty table stays; everything that names the container is gone.
    // Timers of bridges go on by themselves; what plugins could leave are rules, files and links.
    let changes = try World(container: web.namespace).changes(since: before).filter { $0.hasPrefix("+ nft: ") || $0.hasPrefix("+ file") }
    #expect(!changes.isEmpty && changes.allSatisfy { $0.hasPrefix("+ nft:") && !$0.contains("c5") && !$0.contains("elem") })
    #expect(try Command.run("ip -o link").text.split(separator: "\n").count == 5)
  }

  @Test("DEL works without the record, and leaves what another container has taken meanwhile", arguments: [false, true])
  func deletesOwn(withoutRecord: Bool) throws {
    let other = try host.container(6)
    try web.add(["tcp 8080:80"])
    if withoutRecord { try Command.run("rm -r /run/cni") }
    // Somebody's flush: the port is free, and the other container gets it.
    try Command.run("nft flush map inet swift_cni published")
    try Command.run("nft flush map inet swift_cni published6")
    try other.add(["tcp 8080:80"])
    try web.expect("DEL", ["tcp 8080:80"])
    #expect(isReachable(8080, other))
    try other.expect("CHECK", ["tcp 8080:80"])
    try other.expect("DEL", ["tcp 8080:80"])
    #expect(try host.elements() == [])
  }

  @Test("CHECK fails before ADD and after DEL, and names what is missing or different")
  func checks() throws {
    #expect(try web.error("CHECK", ["tcp 8080:80"]).text.contains("table inet swift_cni is missing"))
    try web.add(["tcp 8080:80"])
    try web.expect("CHECK", ["tcp 8080:80"])
    #expect(try web.error("CHECK", ["tcp 8080:80", "tcp 8081:81"]).text.contains("tcp . 8081"))
    #expect(try web.error("CHECK", ["tcp 8080:81"]).text.contains("10.1.0.5 . 81"))
    try Command.run("nft flush map inet swift_cni hairpin")
    #expect(try web.error("CHECK", ["tcp 8080:80"]).text.contains("hairpin"))
    try web.expect("DEL", ["tcp 8080:80"])
    #expect(try web.error("CHECK", ["tcp 8080:80"]).text.contains("missing"))
  }

  @Test("after somebody's flush of the ruleset CHECK fails, and the next ADD brings back every container's ports")
  func flushed() throws {
    let other = try host.container(6)
    try web.add(["tcp 8080:80"])
    try Command.run("nft flush ruleset")
    #expect(try web.error("CHECK", ["tcp 8080:80"]).text.contains("is missing"))
    #expect(isUnreachable(8080))
    try other.add(["tcp 8081:80"])
    #expect(isReachable(8080) && isReachable(8081, other))
    try web.expect("CHECK", ["tcp 8080:80"])
  }

  @Test("GC removes what belongs to this network and is not listed, and nothing else")
  func garbage() throws {
    let other = try host.container(6), foreign = try host.container(7)
    try web.add(["tcp 8080:80", "tcp 5000:5000", "tcp 5001:5001"])
    try other.add(["tcp 8081:80"])
    try foreign.add(["tcp 8082:80"], ["name": "elsewhere"])
    let keeping = PortmapContainer.plain.with("cni.dev/valid-attachments", [["containerID": "c6", "ifname": "eth0"]])
    try web.runner.expect("GC", keeping, in: nil)
    #expect(isUnreachable(8080) && isReachable(8081, other) && isReachable(8082, foreign))
    try web.runner.expect("GC", PortmapContainer.plain.with("cni.dev/attachments", []), in: nil)
    #expect(isUnreachable(8081, other) && isReachable(8082, foreign))
    try foreign.expect("DEL", ["tcp 8082:80"], ["name": "elsewhere"])
    #expect(try host.elements() == [] && !FileSystem.isFolder("/run/cni/swift-cni"))
  }

  @Test("STATUS succeeds where ports can be published, and says why they cannot")
  func status() throws {
    try web.runner.expect("STATUS", PortmapContainer.plain, in: nil)
    #expect(try Command.run("nft list ruleset").text.isEmpty && !FileSystem.isFolder("/run/cni"))
    try Command.run("tee /run/status.json", input: PortmapContainer.plain.text)
    let script =
      "CNI_COMMAND=STATUS CNI_PATH=/run/plugins exec setpriv --bounding-set=-net_admin --inh-caps=-net_admin /run/plugins/portmap < /run/status.json"
    let output = try Command.attempt(["sh", "-c", script])
    #expect(try output.status == 1 && output.json["code"] == 50)
    #expect(try output.json["msg"].string.contains("Operation not permitted"))
  }

  @Test("a foreign chain that drops forwarded packets is named in the log, and ADD succeeds and changes nothing there")
  func obstacle() throws {
    #expect(try web.warnings(["tcp 8080:80"]).isEmpty)
    try Command.run(
      "nft -f -", input: "add table ip filter\nadd chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }\n")
    let before = try Command.run("nft list table ip filter").text
    let said = try web.warnings(["tcp 8080:80"])
    #expect(said.split(separator: "\n").count == 1 && said.contains("table ip filter, chain FORWARD"))
    #expect(try Command.run("nft list table ip filter").text == before)
  }

  @Test("an address of a family that the container lacks is left out, with a line in the log")
  func noSuchFamily() throws {
    let container = try host.container(9, families: [4])
    #expect(try container.warnings(["tcp ::1 8080:80"]).contains("tcp [::1]:8080 is not published: the container has no IPv6 address"))
    #expect(try host.elements() == [])
    #expect(try container.warnings(["tcp :: 8080:80", "tcp 8081:80"]).split(separator: "\n").count == 1)
    #expect(isReachable(8081, container))
  }

  @Test("many containers at once publish and take back their ports")
  func parallel() throws {
    let previous = web.previous
    let script = (1...32).map { number in
      let configuration = PortmapContainer.configuration(["tcp \(9000 + number):80", "udp \(9000 + number):80"]).with(
        "prevResult", previous)
      return """
        (export CNI_CONTAINERID=p\(number) CNI_NETNS=\(web.namespace.path) CNI_IFNAME=eth0 CNI_PATH=/run/plugins
        for command in ADD ADD DEL; do
          CNI_COMMAND=$command /run/plugins/portmap <<< '\(configuration.text)' > /run/out\(number) || { cat /run/out\(number); exit 1; }
        done) &
        """
    }
    let output = try Command.run(
      "bash -s", input: script.joined(separator: "\n") + "\nfor job in $(jobs -p); do wait $job || echo FAILED; done\n")
    #expect(output.text.isEmpty)
    #expect(try host.elements() == [])
  }

  @Test("ten thousand ports", arguments: [0, 1])
  func many(shift: Int) throws {
    let mappings = (0..<10_000).map { "tcp \(20000 + $0):\(20000 + shift + $0)" }
    try web.add(mappings)
    try web.expect("CHECK", mappings)
    #expect(try host.elements().count == 2 * ((shift == 0 ? 1 : 10_000) + 2))
    #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", 25_000, server: web.namespace, UInt16(25_000 + shift)))
    try web.expect("DEL", mappings)
    #expect(try host.elements() == [])
  }
}
