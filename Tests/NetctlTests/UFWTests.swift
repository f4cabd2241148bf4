import JSON
import TestSupport
import Testing

@Suite("netctl with the real ufw", .networkNamespace, .enabled(if: UFWHost.isAvailable, "Tests/firewalls/unpack makes it available"))
struct UFWTests {
  @Test("what ufw keeps out is its doing, the fix lasts over a reload, and can be undone", arguments: UFWFault.all)
  func fault(_ fault: UFWFault) throws {
    let world = try WhyWorld(), ufw = try UFWHost()
    try world.serve("", "TCP-LISTEN:9000")
    for rule in fault.rules { try ufw.run(rule) }
    let before = try ufw.run("show added")
    #expect(try !world.answers(fault.address, .forSilence), "the fault must be real")
    let (status, report) = try world.why(fault.question)
    #expect(status == 1 && report["cause"]["kind"] == "firewall", "\(report.indented())")
    #expect(report["cause"]["sentence"].string.hasPrefix("ufw ") && !report["cause"]["evidence"].elements.isEmpty)
    #expect(report["cause"]["fix"] == .string(fault.fix), "\(report.indented())")
    try world.apply(report["cause"]["fix"].string)
    #expect(try world.answers(fault.address, .forAnswer))
    try ufw.run("reload")
    #expect(try world.answers(fault.address, .forAnswer))
    #expect(try world.why(fault.question).status == 0)
    let undone = try world.netctl.attempt("allow", "--undo")
    #expect(undone.status == 0 && undone.text.contains("removed 1 rule"), "\(undone)")
    #expect(try ufw.run("show added") == before)
    #expect(try !world.answers(fault.address, .forSilence))
  }

  @Test("allow adds a rule of ufw's, and what a person wrote stays when it is undone")
  func allow() throws {
    let world = try WhyWorld(), ufw = try UFWHost()
    try ufw.run("allow 22/tcp")
    let before = try ufw.run("show added")
    let added = try world.netctl.attempt("allow", "lan", "web:80", "--yes")
    #expect(added.status == 0 && added.text.contains("ufw route allow proto tcp from any to 10.88.0.2 port 80"), "\(added)")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.netctl.attempt("allow", "--undo").text.contains("removed from ufw: ufw route delete allow to 10.88.0.2 port 80"))
    #expect(try ufw.run("show added") == before)
  }

  @Test("ufw is not blamed for what it lets through")
  func healthy() throws {
    let world = try WhyWorld(), ufw = try UFWHost()
    try ufw.run("route allow in on lan0 out on cni0")
    for question in ["lan 192.0.2.1:8080", "lan 192.0.2.1:5353/udp", "host web:80"] {
      let (status, report) = try world.why(question)
      #expect(status == 0 && report["probed"] == true && report["cause"] == .null, "\(report.indented())")
    }
  }
}
