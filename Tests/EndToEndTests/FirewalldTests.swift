import JSON
import Linux
import TestSupport
import Testing

@Suite(
  "firewall with firewalld", .networkNamespace, .enabled(if: FirewalldHost.isAvailable, "Tests/firewalls/unpack makes it available"))
struct FirewalldTests {
  private let runner: PluginRunner
  private let container: TestNamespace
  private static let record = "/run/cni/firewalld"

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
  }

  private func configuration(_ network: String = "net", last: Int = 2, zone: String? = nil) -> JSONValue {
    let configuration: JSONValue = [
      "cniVersion": "1.1.0", "name": .string(network), "type": "firewall", "backend": "firewalld",
      "prevResult": [
        "interfaces": [["name": "cni0"]],
        "ips": [["address": .string("10.0.0.\(last)/24")], ["address": .string("fd00::\(last)/64")]],
      ],
    ]
    return zone.map { configuration.with("firewalldZone", .string($0)) } ?? configuration
  }

  @Test("the container's addresses become sources of the trusted zone, and go with it")
  func sources() throws {
    let host = try FirewalldHost()
    #expect(try runner.add(configuration(), in: container)["ips"][0]["address"] == "10.0.0.2/24")
    #expect(try host.sources("trusted") == ["10.0.0.2/32", "fd00::2/128"])
    _ = try runner.add(configuration(), in: container)
    try runner.expect("CHECK", configuration(), in: container)
    try runner.expect("STATUS", configuration().without("prevResult"), in: nil)
    try host.call("removeSource", "trusted", "fd00::2/128")
    let check = try runner.run("CHECK", configuration(), in: container)
    #expect(try check.json["msg"] == "source fd00::2/128 is not in zone trusted of firewalld")
    // DEL knows them from its record, and what is gone already is no error.
    try runner.expect("DEL", configuration().without("prevResult"), in: nil)
    #expect(try host.sources("trusted").isEmpty && !FileSystem.isFolder("\(Self.record)/net"))
    try runner.expect("DEL", configuration(), in: nil)
  }

  @Test("an unknown zone is an error that leaves nothing")
  func unknownZone() throws {
    let host = try FirewalldHost()
    let output = try runner.run("ADD", configuration(zone: "nowhere"), in: container)
    #expect(try output.status == 1 && output.json["msg"].string.contains("INVALID_ZONE"), "\(output)")
    #expect(try host.sources("trusted").isEmpty && !FileSystem.isFolder("\(Self.record)/net"))
    #expect(try !Command.run("nft list table inet swift_cni").text.contains("elements"))
  }

  @Test("GC takes out the sources of lost attachments of this network alone")
  func collectGarbage() throws {
    let host = try FirewalldHost()
    for (number, network) in [(2, "net"), (3, "net"), (4, "other")] {
      var attached = runner
      attached.containerID = "c\(number)"
      _ = try attached.add(configuration(network, last: number, zone: number == 3 ? "internal" : nil), in: container)
    }
    let attachments: JSONValue = [["containerID": "c2", "ifname": "eth0"]]
    try runner.expect("GC", configuration().without("prevResult").with("cni.dev/valid-attachments", attachments), in: nil)
    #expect(try host.sources("trusted") == ["10.0.0.2/32", "10.0.0.4/32", "fd00::2/128", "fd00::4/128"])
    #expect(try host.sources("internal").isEmpty && FileSystem.names(in: "\(Self.record)/net") == ["c2:eth0"])
  }

  @Test("without firewalld ADD and STATUS say so, and DEL succeeds", arguments: [false, true])
  func notRunning(hasBus: Bool) throws {
    let host = hasBus ? try FirewalldHost(withoutDaemon: true) : nil
    let output = try runner.run("ADD", configuration(), in: container)
    #expect(try output.status == 1 && output.json["msg"] == "backend firewalld is configured, but firewalld is not running", "\(output)")
    #expect(try runner.run("STATUS", configuration().without("prevResult"), in: nil).json["code"] == 50)
    try runner.expect("DEL", configuration(), in: nil)
    #expect(try !Command.run("nft list table inet swift_cni").text.contains("elements"))
    withExtendedLifetime(host) {}
  }

  @Test("DEL succeeds when firewalld has been stopped meanwhile")
  func stopped() throws {
    let host = try FirewalldHost()
    _ = try runner.add(configuration(), in: container)
    try host.stop()
    try runner.expect("DEL", configuration(), in: nil)
    #expect(!FileSystem.isFolder("\(Self.record)/net"))
  }

  @Test("what a killed ADD has told firewalld is taken back by DEL and by GC", arguments: ["DEL", "GC"])
  func killed(wayBack: String) throws {
    let host = try FirewalldHost()
    let points = try Tampering.sweep("signal=KILL", at: ["linkat", "sendmsg", "write"]) { point in
      let happened = try point.run("ADD", configuration(), by: runner, in: container).happened
      try runner.expect(wayBack, configuration().without("prevResult"), in: nil)
      #expect(try host.sources("trusted").isEmpty && !FileSystem.isFolder("\(Self.record)/net"), "\(point)")
      return happened
    }
    #expect(points > 5)
  }
}
