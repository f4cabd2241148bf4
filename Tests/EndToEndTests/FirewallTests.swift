import JSON
import Linux
import TestSupport
import Testing

@Suite("firewall: who reaches whom", .networkNamespace)
struct FirewallTests {
  private let host: FirewallHost

  init() throws { host = try FirewallHost() }

  @Test(
    "containers on one bridge and on two, by their policies",
    arguments: [
      // Policies of the two networks; whether containers of the first reach each other, the second's, and are reached from there.
      (nil, nil, [true, true, true]), ("open", "open", [true, true, true]), ("same-bridge", "same-bridge", [true, false, false]),
      ("isolated", "isolated", [false, false, false]), ("same-bridge", "isolated", [true, false, false]),
      ("open", "same-bridge", [true, true, true]), ("isolated", "open", [false, true, true]),
    ] as [(String?, String?, [Bool])])
  func policies(first: String?, second: String?, expected: [Bool]) throws {
    let one = try host.attach(FirewallHost.list("a", 71, policy: first)), two = try host.attach(FirewallHost.list("a", 71, policy: first))
    let far = try host.attach(FirewallHost.list("b", 72, policy: second))
    let found = try [FirewallHost.reaches(one, two), FirewallHost.reaches(one, far), FirewallHost.reaches(far, one)]
    #expect(found == expected)
    // Whatever the policy, a container reaches its host and other hosts.
    for gateway in ["10.71.0.1", "fd00:71::1"] { try one.container.run { try Command.run("ping -c 1 -W 60 \(gateway)") } }
    let lan = try SecondHost()
    for (address, source) in [("192.0.2.2", "192.0.2.1"), ("fd00:2::2", "fd00:2::1")] {
      #expect(try Conversation(from: one.container, to: address, 5000, server: lan.namespace, 5000).client == source)
    }
    for attached in [one, two, far] { try attached.expect("CHECK") }
  }

  @Test("an isolated container cannot be reached by one that joins later, and DEL of one leaves the others' policy")
  func joiningAndLeaving() throws {
    let isolated = FirewallHost.list("a", 71, policy: "isolated"), same = FirewallHost.list("b", 72, policy: "same-bridge")
    let one = try host.attach(isolated), two = try host.attach(same), three = try host.attach(same)
    try two.expect("DEL")
    let four = try host.attach(same)
    #expect(try FirewallHost.reaches(three, four) == true && FirewallHost.reaches(one, three) == false)
    #expect(try FirewallHost.reaches(four, one) == false)
    try three.expect("CHECK")
    // The second DEL finds nothing, with and without what the runtime remembers.
    try two.expect("DEL")
    #expect(try two.runner.run("DEL", two.firewall.without("prevResult"), in: nil).status == 0)
    #expect(try FirewallHost.reaches(three, one) == false)
    for attached in [one, three, four] { try attached.expect("DEL") }
    #expect(try FirewallHost.elements() == "")
  }

  @Test("ADD twice is one attachment, and one with another policy replaces the first")
  func addTwice() throws {
    let one = try host.attach(FirewallHost.list("a", 71, policy: "same-bridge")), before = try FirewallHost.elements()
    #expect(try one.firewall("ADD").status == 0)
    #expect(try FirewallHost.elements() == before)
    #expect(try one.runner.run("ADD", one.firewall.with("ingressPolicy", "open"), in: one.container).status == 0)
    #expect(try !FirewallHost.elements().contains("same_bridge"))
    #expect(try one.firewall("CHECK").status == 1)
    try one.expect("DEL")
    #expect(try FirewallHost.elements() == "")
  }

  @Test("the previous result passes through unchanged", arguments: ["0.4.0", "1.0.0", "1.1.0"])
  func result(version: String) throws {
    let one = try host.attach(FirewallHost.list("a", 71, policy: "same-bridge", version: version))
    let alone = try one.runner.run("ADD", one.firewall, in: one.container)
    #expect(try alone.json == one.result)
    #expect(one.result["interfaces"].elements.count == 3 && one.result["ips"].elements.count == 2)
  }

  @Test("established connections to an isolated container go on, and published ports reach it")
  func translated() throws {
    let one = try host.attach(FirewallHost.list("a", 71, policy: "isolated")),
      far = try host.attach(FirewallHost.list("b", 72, policy: "isolated"))
    #expect(Conversation.fails(from: far.container, to: "10.71.0.2", 5000, server: one.container, 5000))
    // What portmap does, without portmap.
    try Command.run("nft add table ip published")
    try Command.run("nft add chain ip published pre { type nat hook prerouting priority -100 ; }")
    try Command.run("nft add rule ip published pre ip daddr 10.72.0.1 tcp dport 8080 dnat to 10.71.0.2:5001")
    #expect(Conversation.works(from: far.container, to: "10.72.0.1", 8080, server: one.container, 5001))
  }

  @Test("a chain of the administrator's is asked first, in every policy, and nobody changes it")
  func administrator() throws {
    let same = FirewallHost.list("a", 71, policy: "same-bridge"), one = try host.attach(same)
    let far = try host.attach(FirewallHost.list("b", 72, policy: "isolated"))
    try Command.run("nft add rule inet swift_cni admin ip daddr 10.72.0.2 accept")
    try Command.run("nft add rule inet swift_cni admin ip6 daddr fd00:72::2 accept")
    #expect(try FirewallHost.reaches(one, far) == true)
    let rules = try Command.run("nft list chain inet swift_cni admin").text
    for attached in [one, far] { try attached.expect("DEL") }
    _ = try host.attach(same)
    #expect(try Command.run("nft list chain inet swift_cni admin").text == rules)
  }

  @Test("isolated also holds for pairs that another implementation has made", .enabled(if: Command.find("/usr/lib/cni/bridge") != nil))
  func foreignBridge() throws {
    let reference = PluginRunner(folder: "/usr/lib/cni"), list = FirewallHost.list("a", 71, policy: "isolated", version: "1.0.0")
    var attached: [FirewallHost.Attached] = []
    for number in 1...2 {
      var theirs = reference, ours = try PluginRunner()
      (theirs.containerID, ours.containerID) = ("c\(number)", "c\(number)")
      let container = try TestNamespace(), configurations = PluginRunner.configurations(list, previous: nil)
      let result = try theirs.add(configurations[0].without("ipMasq"), in: container)
      _ = try ours.add(configurations[1].with("prevResult", result), in: container)
      attached.append(FirewallHost.Attached(runner: ours, list: list, container: container, result: result))
    }
    #expect(try FirewallHost.reaches(attached[0], attached[1]) == false)
    #expect(try attached[0].firewall("CHECK").status == 0)
    try Command.run("bridge link set dev \(attached[0].result["interfaces"][1]["name"].string) isolated off")
    let output = try attached[0].firewall("CHECK")
    #expect(try output.status == 1 && output.json["msg"].string.contains("is not isolated"), "\(output)")
  }
}
