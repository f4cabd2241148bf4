import JSON
import Linux
import TestSupport
import Testing

@Suite("firewall: others' rules, and upkeep", .networkNamespace)
struct FirewallUpkeepTests {
  private let host: FirewallHost
  private let network = FirewallHost.list("a", 71, policy: "same-bridge")

  init() throws { host = try FirewallHost() }

  private func warnings(_ attached: FirewallHost.Attached) throws -> [Substring] {
    try attached.firewall("ADD").errors.split(separator: "\n").filter { $0.hasPrefix("cni: warning:") }
  }

  @Test(
    "one line names each foreign chain that will drop the packets, and the chain stays as it is",
    arguments: [
      ("ip", "filter", "FORWARD", "policy drop ;", "", "policy drop"), ("ip6", "filter", "FORWARD", "policy drop ;", "", "policy drop"),
      ("inet", "firewalld", "filter_FORWARD", "", "reject with icmpx type admin-prohibited", "last rule"),
      ("inet", "mine", "forwarding", "", "counter drop", "last rule"), ("inet", "mine", "forwarding", "", "tcp dport 22 drop", nil),
      ("inet", "mine", "forwarding", "", "", nil), ("bridge", "mine", "forwarding", "policy drop ;", "", nil),
    ] as [(String, String, String, String, String, String?)])
  func foreignChain(family: String, table: String, chain: String, policy: String, rule: String, reason: String?) throws {
    let one = try host.attach(network)
    #expect(try warnings(one).isEmpty)
    try Command.run("nft add table \(family) \(table)")
    try Command.run("nft add chain \(family) \(table) \(chain) { type filter hook forward priority 10 ; \(policy) }")
    try Command.run("nft add chain \(family) \(table) unrelated")
    if !rule.isEmpty { try Command.run("nft add rule \(family) \(table) \(chain) \(rule)") }
    let before = try Command.run("nft -s list table \(family) \(table)").text
    let lines = try warnings(one)
    #expect(lines.count == (reason == nil ? 0 : 1))
    if let reason, let line = lines.first {
      for word in [family, table, chain, reason, "a/c1/eth0"] { #expect(line.contains(word), "\(line)") }
    }
    try one.expect("DEL")
    #expect(try Command.run("nft -s list table \(family) \(table)").text == before)
  }

  @Test(
    "CHECK names what somebody has taken away, and the next ADD brings everything back",
    arguments: [
      ("nft flush ruleset", "table inet swift_cni is missing"), ("nft flush map inet swift_cni attached", "attached is missing"),
      ("nft flush set inet swift_cni isolated_bridges", "isolated_bridges is missing"),
      ("nft flush set inet swift_cni same_bridge", "same_bridge is missing"),
      ("nft flush chain inet swift_cni forward", "chain inet swift_cni forward has other rules"),
    ])
  func flushed(command: String, message: String) throws {
    let one = try host.attach(network), two = try host.attach(network)
    let far = try host.attach(FirewallHost.list("b", 72, policy: "isolated"))
    try one.expect("CHECK")
    let rules = { try Command.run("nft -s list table inet swift_cni").text.split(separator: "\n").sorted() }, before = try rules()
    try Command.run(command)
    let output = try one.firewall("CHECK")
    #expect(try output.status == 1 && output.json["code"] == 999 && output.json["msg"].string.contains(message), "\(output)")
    #expect(try one.firewall("ADD").status == 0)
    if command.contains("ruleset") || command.contains("chain") {
      #expect(try rules() == before)
      for attached in [two, far] { #expect(try attached.firewall("CHECK").status == 0) }
    }
    #expect(try one.firewall("CHECK").status == 0 && far.firewall("ADD").status == 0 && FirewallHost.reaches(one, far) == false)
  }

  @Test("CHECK fails for an attachment that was never added, or that is gone")
  func notAdded() throws {
    let one = try host.attach(network), two = try host.attach(network)
    #expect(try one.firewall("DEL").status == 0)
    #expect(try one.firewall("CHECK").json["msg"].string.contains("attached is missing"))
    #expect(try two.firewall("CHECK").status == 0)
    #expect(try two.runner.run("CHECK", two.firewall.with("ingressPolicy", "isolated"), in: two.container).status == 1)
  }

  @Test("GC removes what lost attachments of this network have, and nothing else")
  func collectGarbage() throws {
    let one = try host.attach(network), two = try host.attach(network)
    let far = try host.attach(FirewallHost.list("b", 72, policy: "isolated"))
    let configuration = one.firewall.without("prevResult")
    try one.runner.expect("GC", configuration.with("cni.dev/valid-attachments", [["containerID": "c2", "ifname": "eth0"]]), in: nil)
    #expect(try one.firewall("CHECK").status == 1 && two.firewall("CHECK").status == 0 && far.firewall("CHECK").status == 0)
    #expect(try FirewallHost.reaches(two, far) == false)
    try one.runner.expect("GC", configuration, in: nil)
    #expect(try two.firewall("CHECK").status == 1 && far.firewall("CHECK").status == 0)
    #expect(try !FirewallHost.elements().contains("br-a") && FirewallHost.elements().contains("br-b"))
    try Command.run("nft flush ruleset")
    try one.runner.expect("GC", configuration, in: nil)
    // What is collected is not brought back either.
    #expect(try far.firewall("ADD").status == 0 && !FirewallHost.elements().contains("br-a"))
  }

  @Test("DEL and GC succeed when there never was anything")
  func nothing() throws {
    let runner = try PluginRunner(), container = try TestNamespace(), configuration = FirewallHost.list("a", 71, policy: nil)
    let firewall = PluginRunner.configurations(configuration, previous: nil)[1]
    for namespace in [container, nil] { try runner.expect("DEL", firewall, in: namespace) }
    try runner.expect("GC", firewall, in: nil)
    #expect(try Command.run("nft list ruleset").text.isEmpty)
  }

  @Test("STATUS is silent where nftables can be used, and says so with code 50 where it cannot")
  func status() throws {
    let runner = try PluginRunner(), firewall = PluginRunner.configurations(network, previous: nil)[1]
    try runner.expect("STATUS", firewall, in: nil)
    let output = try Command.attempt(
      ["setpriv", "--bounding-set=-net_admin", "\(runner.folder)/firewall"], input: firewall.text,
      environment: ["CNI_COMMAND": "STATUS", "CNI_PATH": runner.folder])
    #expect(try output.status == 1 && output.json["code"] == 50 && output.json["msg"].string.contains("nftables"), "\(output)")
  }

  @Test("open without any interface is nothing to do")
  func withoutInterfaces() throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let firewall = PluginRunner.configurations(FirewallHost.list("a", 71, policy: nil), previous: ["ips": [["address": "10.1.2.3/24"]]])[1]
    #expect(try runner.add(firewall, in: container)["ips"] == [["address": "10.1.2.3/24"]])
    for command in ["CHECK", "DEL"] { try runner.expect(command, firewall, in: container) }
    #expect(try Command.run("nft list ruleset").text.isEmpty)
  }

  @Test("speaks the versions from 0.4.0 on")
  func versions() throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let versions = try runner.run("VERSION", network.with("type", "firewall"), in: nil).json["supportedVersions"]
    #expect(versions == ["0.4.0", "1.0.0", "1.1.0"])
    let old = try runner.run("ADD", ["cniVersion": "0.3.1", "name": "a", "type": "firewall"], in: container)
    #expect(try old.json["code"] == 1 && old.json["msg"] == "incompatible CNI versions")
  }
}
