import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl why", .networkNamespace)
struct WhyTests {
  @Test("the cause of a fault is named, and the printed fix puts it right", arguments: WhyFault.all)
  func fault(_ fault: WhyFault) throws {
    let world = try WhyWorld(publishing: fault.ports, ingress: fault.ingress, serving: fault.serves)
    try fault.make(world)
    #expect(try !world.answers(from: fault.asker, fault.address, .forSilence), "the fault must be real")
    let (status, report) = try world.why(fault.question)
    #expect(status == 1 && report["cause"]["kind"] == .string(fault.kind), "\(report.indented())")
    #expect(!report["cause"]["evidence"].elements.isEmpty)
    guard fault.hasFix else { return }
    guard case .string(let fix) = report["cause"]["fix"] else {
      Issue.record("no fix: \(report.indented())")
      return
    }
    // What publishes a port is a command of its own.
    if fix.contains("netctl publish"), try world.netctl.attempt("publish", "--help").status != 0 { return }
    try world.apply(fix)
    #expect(try world.answers(from: fault.asker, fault.address, .forAnswer), "\(fix)")
    #expect(try world.why(fault.question).status == 0)
  }

  @Test(
    "a healthy way is said to be one, and the attempt proves it",
    arguments: [
      "lan web:80", "lan 192.0.2.1:8080", "192.0.2.2 192.0.2.1:8080", "8080", "localhost:8080", "web db:5432", "db 192.0.2.1:8080",
      "web web:80", "web 192.0.2.1:8080", "host 10.88.0.2:80", "web 192.0.2.2", "lan 192.0.2.1:5353/udp", "db web",
    ])
  func healthy(_ question: String) throws {
    let world = try WhyWorld(), (status, report) = try world.why(question)
    #expect(status == 0 && report["verdict"] == "reachable" && report["cause"] == .null, "\(report.indented())")
    #expect(report["probed"] == true, "\(report.indented())")
    #expect(!report["steps"].elements.contains { $0["mark"] == "bad" }, "\(report.indented())")
  }

  @Test("what Docker's own rules translate and accept is followed to the container")
  func docker() throws {
    let world = try WhyWorld(publishing: [])
    for rule in [
      "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80", "-P FORWARD DROP",
      "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-A FORWARD -d 10.88.0.2 -o cni0 -p tcp --dport 80 -j ACCEPT",
    ] { try Command.run("iptables-nft \(rule)") }
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
  }

  @Test("a container that asks itself by its published port needs the bridge's hairpin mode")
  func hairpin() throws {
    let world = try WhyWorld()
    // Only where bridges let IP's rules see their frames is a packet turned around on the bridge.
    guard try Command.attempt(["sysctl", "-n", "net.bridge.bridge-nf-call-iptables"]).text == "1\n" else { return }
    try Command.run("bridge link set dev \(try world.port(of: "web")) hairpin off")
    #expect(try !world.answers(from: "web", "TCP:192.0.2.1:8080", .forSilence))
    let (_, report) = try world.why("web 192.0.2.1:8080")
    #expect(report["cause"]["kind"] == "hairpin-off", "\(report.indented())")
    try world.apply(report["cause"]["fix"].string)
    #expect(try world.answers(from: "web", "TCP:192.0.2.1:8080", .forAnswer))
  }

  @Test("an MTU that is too large is found although connections come about, by packets that may not be cut")
  func mtu() throws {
    let world = try WhyWorld()
    try Command.run("ip link set \(try world.port(of: "web")) mtu 1400")
    #expect(
      try Command.attempt("ip netns exec web ping -M do -s 1472 -c 1 -W 1 192.0.2.2".split(separator: " ").map(String.init)).status == 1)
    let (status, report) = try world.why("lan 192.0.2.1:8080")
    #expect(status == 1 && report["cause"]["kind"] == "mtu-too-large", "\(report.indented())")
    #expect(report["cause"]["evidence"].elements.contains { $0.string.contains("ping -M do -s 1472") })
    try world.apply(report["cause"]["fix"].string)
    // Now the container's own kernel cuts, where it is allowed to.
    try Command.run("ip netns exec web ping -M dont -s 1472 -c 1 -W 60 192.0.2.2")
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
  }

  @Test("a peer of an overlay that nothing leads to is named")
  func overlay() throws {
    let world = try WhyWorld()
    try Command.run("mount -t tmpfs none /etc")
    try Command.run("ip link add vx0 type vxlan id 7 dstport 8472 dev lan0 nolearning")
    try Command.run("ip addr add 10.99.0.0/32 dev vx0")
    try Command.run("ip link set vx0 up")
    try Command.run("ip route add 10.99.1.0/24 via 10.99.1.0 dev vx0 onlink")
    let first = try world.why("web 10.99.1.5:80").report
    #expect(first["cause"]["kind"] == "overlay-peer-missing", "\(first.indented())")
    try Command.run("ip neigh replace 10.99.1.0 lladdr 02:00:00:00:00:07 dev vx0 nud permanent")
    let second = try world.why("web 10.99.1.5:80").report
    #expect(second["cause"]["sentence"].string.contains("which host 02:00:00:00:00:07"), "\(second.indented())")
    #expect(second["cause"]["fix"] == .null)
    // Where systemd is to run the daemon, it can be started anew.
    try FileSystem.createFolders("/etc/systemd/system/multi-user.target.wants")
    try FileSystem.create("/etc/systemd/system/multi-user.target.wants/overlayd@lab.service", content: [])
    #expect(try world.why("web 10.99.1.5:80").report["cause"]["fix"] == "systemctl restart overlayd@lab.service")
  }

  @Test("a server whose cgroup is frozen is found, and the fix thaws it", .enabled(if: FrozenGroup.isPossible))
  func frozen() throws {
    let world = try WhyWorld(), group = try FrozenGroup(with: world.servers[0])
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence))
    let (status, report) = try world.why("lan 192.0.2.1:8080")
    #expect(status == 1 && report["cause"]["kind"] == "paused", "\(report.indented())")
    #expect(report["cause"]["fix"] == .string("echo THAWED > \(group.path)/freezer.state"), "\(report.indented())")
    try world.apply(report["cause"]["fix"].string)
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
    world.end(world.servers[0])
    try group.remove()
  }

  @Test("from a LAN that cannot be seen it says what was tried and what was not")
  func unseenLAN() throws {
    let world = try WhyWorld()
    let far = try TestNamespace()
    try Command.run("ip link add up0 type veth peer name up0 netns \(far.path)")
    try Command.run("ip addr add 203.0.113.1/24 dev up0")
    try Command.run("ip link set up0 up")
    try far.run { try Command.run("ip link set up0 up") }
    let (status, report) = try world.why("203.0.113.9 203.0.113.1:8080")
    #expect(status == 0 && report["probed"] == false, "\(report.indented())")
    #expect(report["steps"].elements.last?["text"].string.contains("tried from the host to the container") ?? false)
    try Command.run("iptables-nft -A FORWARD -i up0 -j DROP")
    #expect(try world.why("203.0.113.9 203.0.113.1:8080").report["cause"]["kind"] == "firewall")
  }

  @Test("what cannot be told is not blamed on anybody")
  func uncertain() throws {
    let world = try WhyWorld()
    try Command.run("iptables-nft -A FORWARD -p tcp --dport 80 -m string --string nobody-says-this --algo bm -j DROP")
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
  }

  @Test("a name that a container has chosen never gets into a command")
  func hostileName() throws {
    let world = try WhyWorld()
    let chain = "x;id>$HOME"
    for rule in ["-N \(chain)", "-A \(chain) -p tcp --dport 80 -j DROP", "-A INPUT -j \(chain)"] {
      try Command.run("ip netns exec web iptables-nft \(rule)")
    }
    try Command.run("ip netns exec web ip link add \(chain) type bridge")
    try Command.run("ip netns exec web nft add table inet t")
    try Command.run("ip netns exec web nft add chain inet t late { type filter hook input priority 10; policy accept; }")
    let report = try world.why("lan web:80").report
    #expect(report["cause"]["kind"] == "firewall" && !report["cause"]["fix"].string.contains(";id"), "\(report.indented())")
  }

  @Test("words that make no sense are refused with near matches")
  func wrongWords() throws {
    let world = try WhyWorld()
    let unknown = try world.netctl.attempt("why", "lan", "wep:80")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean web?"))
    let port = try world.netctl.attempt("why", "web:99999")
    #expect(port.status == 2 && port.errors.contains("expected a number from 1 to 65535"))
  }

  @Test("its words name the cause, the evidence and one fix")
  func text() throws {
    let world = try WhyWorld()
    try Command.run("sysctl -qw net.ipv4.ip_forward=0")
    let output = try world.netctl.attempt("why", "lan", "web:80")
    let lines = output.text.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("cause     host does not forward IPv4") }, "\(output)")
    #expect(lines.contains { $0 == "fix       sysctl -w net.ipv4.ip_forward=1" })
  }
}
