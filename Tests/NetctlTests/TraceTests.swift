import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl trace", .networkNamespace)
struct TraceTests {
  private let world: WhyWorld

  init() throws { world = try WhyWorld() }

  /// Begins to trace, and waits until the kernel has been told.
  private func trace(_ words: String) throws -> BackgroundProgram {
    let program = try world.netctl.start(["trace", "--for", "10m"] + words.split(separator: " ").map(String.init))
    _ = try program.line { $0.hasPrefix("tracing ") }
    return program
  }

  /// The next event that is meant. The log has lines of its own.
  private func event(_ program: BackgroundProgram, where isMeant: (JSONValue) -> Bool) throws -> JSONValue {
    while true {
      let event = try JSONValue.parse(try program.line { $0.hasPrefix("{") })
      if isMeant(event) { return event }
    }
  }

  private func hop(_ program: BackgroundProgram, _ place: String, _ packet: String) throws -> JSONValue {
    try event(program) { $0["event"] == "hop" && $0["place"] == .string(place) && $0["packet"] == .string(packet) }
  }

  @Test("a published port's packets are followed through the translation into the container, and the answers back")
  func published() throws {
    try Command.run("iptables-nft -A FORWARD -p tcp --dport 80 -j ACCEPT")
    let program = try trace("lan web:80 --json")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    let there = try hop(program, "host", "tcp syn")
    #expect(there["from"]["name"] == "client" && there["from"]["address"] == "192.0.2.2", "\(there.text)")
    #expect(there["to"] == ["address": "192.0.2.1", "port": 8080, "name": "host"], "\(there.text)")
    #expect(there["left_to"] == ["address": "10.88.0.2", "port": 80, "name": "web"], "\(there.text)")
    #expect(
      there["input"] == "lan0" && there["output"] == "cni0" && there["outcome"] == "forwarded" && there["by"] == .null, "\(there.text)")
    let rules = there["rules"].elements
    #expect(rules.contains { $0["chain"] == "publish" && $0["rule"].string.contains("dnat to") }, "\(there.text)")
    #expect(
      rules.contains { $0["table"] == "ip filter" && $0["hook"] == "forward" && $0["rule"] == "tcp dport 80 accept" }, "\(there.text)")
    let inside = try hop(program, "web", "tcp syn")
    #expect(inside["outcome"] == "delivered" && inside["input"] == "eth0" && inside["output"] == .null, "\(inside.text)")
    let answer = try hop(program, "host", "tcp syn ack")
    #expect(answer["outcome"] == "forwarded" && answer["output"] == "lan0", "\(answer.text)")
    #expect(answer["from"]["address"] == "10.88.0.2" && answer["left_from"]["address"] == "192.0.2.1", "\(answer.text)")
    #expect(program.end() == 0)
  }

  @Test("IPv6 is followed the same way, though somebody flushes the rules meanwhile")
  func sixth() throws {
    try world.serve("web", "TCP6-LISTEN:80,ipv6only=1")
    let program = try trace("[fd00:2::1]:8080 --json")
    // A table that belongs to a process is not for others to flush.
    try Command.run("nft flush ruleset")
    #expect(try world.netctl.attempt("check", "--all", "--fix").status == 0)
    #expect(try world.answers("TCP6:[fd00:2::1]:8080", .forAnswer))
    let there = try hop(program, "host", "tcp syn")
    #expect(
      there["to"]["address"] == "fd00:2::1" && there["left_to"] == ["address": "fd00:88::2", "port": 80, "name": "web"], "\(there.text)")
    // The rules are others by now, with other numbers, and are told in words all the same.
    #expect(there["rules"].elements.contains { $0["rule"].string.contains("dnat to") }, "\(there.text)")
    #expect(try hop(program, "web", "tcp syn")["outcome"] == "delivered")
    #expect(program.end() == 0)
  }

  @Test(
    "what drops or refuses a packet is named, and is a finding",
    arguments: [
      ("drop", "dropped", "drop"), ("reject with tcp reset", "refused", "reject with tcp reset"), ("", "dropped", "policy drop"),
    ])
  func dropped(_ verdict: String, _ outcome: String, _ rule: String) throws {
    try Command.run("nft add table inet foreign")
    try Command.run(
      "nft add chain inet foreign late { type filter hook forward priority 10; policy \(verdict.isEmpty ? "drop" : "accept"); }")
    if !verdict.isEmpty { try Command.run("nft add rule inet foreign late tcp dport 80 \(verdict)") }
    let program = try trace("web:80 --json --once")
    #expect(try !world.answers("TCP:192.0.2.1:8080,connect-timeout=1", .forSilence))
    let hop = try hop(program, "host", "tcp syn")
    #expect(hop["outcome"] == .string(outcome) && hop["by"]["table"] == "inet foreign" && hop["by"]["chain"] == "late", "\(hop.text)")
    #expect(hop["by"]["rule"].string.hasSuffix(rule), "\(hop.text)")
    #expect(program.end() == 1)
  }

  @Test("a firewall inside the container is seen there")
  func inside() throws {
    for line in ["add table ip own", "add chain ip own in { type filter hook input priority 0; }", "add rule ip own in udp dport 53 drop"] {
      try Command.run("ip netns exec web nft \(line)")
    }
    let program = try trace("lan web:53/udp --json --once")
    #expect(try !world.answers("UDP:192.0.2.1:5353", .forSilence))
    #expect(try hop(program, "host", "udp")["left_to"]["port"] == 53)
    let hop = try hop(program, "web", "udp")
    #expect(hop["outcome"] == "dropped" && hop["by"]["table"] == "ip own" && hop["by"]["rule"] == "udp dport 53 drop", "\(hop.text)")
    #expect(program.end() == 1)
  }

  @Test("a packet that no rule drops, but that does not go on, is told as lost")
  func lost() throws {
    try Command.run("sysctl -qw net.ipv4.ip_forward=0")
    let program = try trace("web:80 --json --once")
    #expect(try !world.answers("TCP:192.0.2.1:8080,connect-timeout=1", .forSilence))
    let hop = try hop(program, "host", "tcp syn")
    #expect(hop["outcome"] == "lost" && hop["sentence"].string.contains("forwarding is off"), "\(hop.text)")
    #expect(program.end() == 1)
  }

  @Test("what connection tracking remembers and forgets is told with the packets")
  func connections() throws {
    let program = try trace("web:53/udp --json")
    // socat would wait for more answers than the one.
    try world.lan.namespace.run { _ = try Command.attempt(["sh", "-c", "echo ask | socat -t 0.5 - UDP:192.0.2.1:5353"]) }
    // With the packet, or by itself where the kernel took its time.
    let new = try event(program) { $0["connection"] == "new connection" || $0["change"] == "new" }
    #expect(new["to"]["port"] == 5353, "\(new.text)")
    _ = try event(program) { $0["connection"] == "connection answered" || $0["change"] == "updated" }
    // It is forgotten by itself, too, but only after half a minute.
    _ = try Command.attempt(["conntrack", "-D", "-p", "udp", "--dport", "5353"])
    let gone = try event(program) { $0["change"] == "destroyed" }
    #expect(gone["place"] == "host" && gone["answered_by"]["name"] == "web", "\(gone.text)")
    #expect(program.end() == 0)
  }

  @Test("one line for each packet in each namespace, and with --rules every rule below it")
  func text() throws {
    let program = try trace("web db:5432 --rules")
    #expect(try world.answers(from: "web", "TCP:10.88.0.3:5432", .forAnswer))
    let line = try program.line { $0.contains("  tcp syn ") && $0.contains("  db ") }
    #expect(line.contains("web 10.88.0.2:") && line.contains(" → db 10.88.0.3:5432  in eth0  delivered"), "\(line)")
    #expect(program.end() == 0)
    try Command.run("iptables-nft -P FORWARD DROP")
    let second = try trace("lan web:80 --rules --once")
    #expect(try !world.answers("TCP:192.0.2.1:8080,connect-timeout=1", .forSilence))
    let drop = try second.line { $0.contains("✗") }
    #expect(drop.hasSuffix("in lan0, out cni0  ✗ dropped by ip filter FORWARD: policy drop"), "\(drop)")
    _ = try second.line { $0.contains("  prerouting: inet swift_cni prerouting: fib daddr type local jump publish") }
    #expect(second.end() == 1)
  }

  @Test("packets of others are not shown, and echoes are where no port is given")
  func others() throws {
    let program = try trace("web db --json")
    try Command.run("ping -c 1 -W 60 10.88.0.3")
    try Command.run("ip netns exec web ping -c 1 -W 60 10.88.0.3")
    let first = try event(program) { $0["event"] == "hop" }
    #expect(first["from"]["name"] == "web" && first["packet"] == "icmp echo request", "\(first.text)")
    #expect(try hop(program, "db", "icmp echo reply")["outcome"] == "sent")
    #expect(program.end() == 0)
  }

  @Test("seen from another namespace, that one is the host")
  func otherNamespace() throws {
    let program = try trace("--netns client 192.0.2.1:8080 --json")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try hop(program, "host", "tcp syn")["outcome"] == "sent")
    #expect(try hop(program, "host", "tcp syn ack")["outcome"] == "delivered")
    #expect(program.end() == 0)
  }

  @Test("the picture has a line for everybody, and arrows between them")
  func picture() throws {
    let program = try trace("lan web:80 --once -o svg")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    var picture = ""
    while !picture.contains("</svg>") { picture += try program.line() + "\n" }
    for name in ["client", "host", "web"] {
      #expect(picture.contains("<text class=\"name\"") && picture.contains(">\(name)</text></g>"), "\(picture)")
    }
    #expect(picture.contains(" → 8080</text>") && picture.contains(">forwarded to web 10.88.0.2:80 (inet</text>"), "\(picture)")
    #expect(program.end() == 0)
  }

  @Test("nothing stays behind, whatever ends it", arguments: [SIGTERM, SIGINT, SIGKILL])
  func ended(_ signal: Int32) throws {
    let program = try trace("lan web:80")
    for prefix in ["", "ip netns exec web "] {
      #expect(try Command.run("\(prefix)nft list tables").text.contains("table inet netctl_trace_"))
    }
    // No packet has come.
    #expect(program.end(signal) == (signal == SIGKILL ? 128 + SIGKILL : 3))
    for prefix in ["", "ip netns exec web "] {
      #expect(try !Command.run("\(prefix)nft list tables").text.contains("netctl_trace"))
    }
  }

  @Test(
    "words that make no sense are refused in one sentence",
    arguments: [
      ("wep:80", "no container is called wep (did you mean web?)"), ("web:0", "expected a number from 1 to 65535"),
      ("web:80 --for never", "--for never: expected a time such as 10s"), ("lan web:80 more", "one or two words"),
      ("web:80 -o html", "text"),
    ])
  func wrongWords(_ words: String, _ sentence: String) throws {
    let output = try world.netctl.attempt(["trace"] + words.split(separator: " ").map(String.init))
    #expect(output.status == 2 && output.errors.contains(sentence), "\(output)")
  }
}
