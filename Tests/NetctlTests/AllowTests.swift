import TestSupport
import Testing

@Suite("netctl allow", .networkNamespace)
struct AllowTests {
  @Test("shows the rule that why proposes, adds it when told to, and takes it back")
  func dockerPolicy() throws {
    let world = try WhyWorld()
    for rule in ["-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-P FORWARD DROP"] { try Command.run("iptables-nft \(rule)") }
    let before = try Command.run("iptables-nft -S").text
    let shown = try world.netctl.attempt("allow", "lan", "web:80")
    #expect(shown.status == 1 && shown.text.contains("iptables -I DOCKER-USER -d 10.88.0.2 -p tcp --dport 80"), "\(shown)")
    #expect(try Command.run("iptables-nft -S").text == before)
    let added = try world.netctl.attempt("allow", "lan", "web:80", "--yes")
    #expect(added.status == 0, "\(added)")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    let undone = try world.netctl.attempt("allow", "--undo")
    #expect(undone.status == 0 && undone.text.contains("removed 2 rules"), "\(undone)")
    #expect(try Command.run("iptables-nft -S").text == before)
  }

  @Test("every firewall on the way is asked, one after the other, and the container's own among them")
  func several() throws {
    let world = try WhyWorld()
    try Command.run(
      "nft -f -", input: "table inet mine { chain forward { type filter hook forward priority 10; policy drop; }; }")
    try Command.run("iptables-nft -A FORWARD -p tcp --dport 80 -j DROP")
    try Command.run("ip netns exec web iptables-nft -A INPUT -p tcp --dport 80 -j DROP")
    let added = try world.netctl.attempt("allow", "lan", "web:80", "--yes")
    #expect(added.status == 0, "\(added)")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.netctl.attempt("allow", "--undo").text.contains("removed 4 rules"))
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence))
  }

  @Test("what is no firewall's doing is not given a rule")
  func otherCause() throws {
    let world = try WhyWorld()
    try Command.run("sysctl -qw net.ipv4.ip_forward=0")
    let output = try world.netctl.attempt("allow", "lan", "web:80", "--yes")
    #expect(output.status == 1 && output.text.contains("what is in the way is no rule of a firewall"), "\(output)")
  }
}
