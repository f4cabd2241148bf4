import JSON
import TestSupport
import Testing

@Suite(
  "netctl with the real firewalld", .networkNamespace,
  .enabled(if: FirewalldHost.isAvailable, "Tests/firewalls/unpack makes it available"))
struct FirewalldTests {
  @Test("what firewalld refuses is its doing, the fix lasts over a reload, and can be undone")
  func policies() throws {
    let world = try WhyWorld(), firewalld = try FirewalldHost()
    try world.serve("", "TCP-LISTEN:9000")
    // One that is forwarded, and one to the host itself, which is another policy.
    for (question, address) in [("client 10.88.0.2:80", "TCP:10.88.0.2:80"), ("lan 192.0.2.1:9000", "TCP:192.0.2.1:9000")] {
      #expect(try !world.answers(address, .forSilence), "the fault must be real")
      let (status, report) = try world.why(question)
      #expect(status == 1 && report["cause"]["kind"] == "firewall", "\(report.indented())")
      #expect(
        report["cause"]["sentence"].string.hasPrefix("firewalld refuses it on host") && report["cause"]["evidence"].elements.count == 3)
      try world.apply(report["cause"]["fix"].string)
      #expect(try world.answers(address, .forAnswer))
    }
    try Command.run("firewall-cmd --reload")
    for address in ["TCP:10.88.0.2:80", "TCP:192.0.2.1:9000"] { #expect(try world.answers(address, .forAnswer)) }
    #expect(try world.why("client 10.88.0.2:80").status == 0)
    let undone = try world.netctl.attempt("allow", "--undo")
    #expect(undone.status == 0 && undone.text.contains("removed 2 rules"), "\(undone)")
    for address in ["TCP:10.88.0.2:80", "TCP:192.0.2.1:9000"] { #expect(try !world.answers(address, .forSilence)) }
    try Command.run("firewall-cmd --reload")
    #expect(try !Command.run("firewall-cmd --get-policies").text.contains("netctl"))
    try firewalld.stop()
  }

  @Test("a published port is not firewalld's doing, but a rule of a person's beside it, or its panic mode, is found")
  func published() throws {
    let world = try WhyWorld(), firewalld = try FirewalldHost()
    // What is translated passes, whatever the zone.
    try Command.run("firewall-cmd --zone=drop --change-interface=lan0")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    let healthy = try world.why("lan 192.0.2.1:8080")
    #expect(healthy.status == 0 && healthy.report["probed"] == true, "\(healthy.report.indented())")

    try Command.run("firewall-cmd --direct --add-rule ipv4 filter FORWARD 0 -p tcp --dport 80 -j DROP")
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence), "the fault must be real")
    let added = try world.netctl.attempt("allow", "lan", "192.0.2.1:8080", "--yes")
    #expect(added.status == 0 && added.text.contains("iptables -I FORWARD -d 10.88.0.2 -p tcp --dport 80"), "\(added)")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.netctl.attempt("allow", "--undo").text.contains("removed 1 rule"))
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence))
    try Command.run("firewall-cmd --direct --remove-rule ipv4 filter FORWARD 0 -p tcp --dport 80 -j DROP")

    try Command.run("firewall-cmd --panic-on")
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence), "the fault must be real")
    let report = try world.why("lan 192.0.2.1:8080").report
    #expect(report["cause"]["kind"] == "panic-mode" && report["cause"]["fix"] == "firewall-cmd --panic-off", "\(report.indented())")
    #expect(try world.netctl.attempt("allow", "lan", "192.0.2.1:8080", "--yes").status == 1)
    try world.apply(report["cause"]["fix"].string)
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    try firewalld.stop()
  }
}
