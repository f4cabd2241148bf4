import Foundation
import JSON
import Linux
import TestSupport
import Testing

/// Whether the running kernel keeps the frames of a bridge to their VLANs.
private let knowsVLANs =
  (try? Command.attempt(["unshare", "-n", "ip", "link", "add", "br7", "type", "bridge", "vlan_filtering", "1"]).status) == 0

/// Whether nobody but the tests uses this machine, so that they may change what all its network namespaces share.
private let ownsMachine = ProcessInfo.processInfo.environment["TESTS_OWN_MACHINE"] != nil

/// Faults that need another kernel, or a machine of the tests' own: `make test-vm`.
@Suite("netctl why, in a virtual machine", .networkNamespace)
struct WhyElsewhereTests {
  @Test("a port of the bridge that is in another VLAN is named, and the printed fix puts it right", .enabled(if: knowsVLANs))
  func vlan() throws {
    let world = try WhyWorld(), port = try world.port(of: "web")
    try Command.run("ip link set cni0 type bridge vlan_filtering 1")
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
    try Command.run("bridge vlan del dev \(port) vid 1")
    try Command.run("bridge vlan add dev \(port) vid 5 pvid untagged")
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence))
    let (status, report) = try world.why("lan 192.0.2.1:8080")
    #expect(status == 1 && report["cause"]["kind"] == "wrong-vlan", "\(report.indented())")
    try world.apply(report["cause"]["fix"].string)
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
  }

  @Test("a full table of tracked connections is named, and room for more puts it right", .enabled(if: ownsMachine))
  func fullTable() throws {
    let world = try WhyWorld()
    // The limit is the machine's, and more than any other test needs.
    let limit = try Command.run("nsenter -t 1 -n sysctl -n net.netfilter.nf_conntrack_max").text.dropLast()
    defer { _ = try? Command.run("nsenter -t 1 -n sysctl -qw net.netfilter.nf_conntrack_max=\(limit)") }
    let entries = (10_000..<14_200).map { port in
      "-I -p udp -s 192.0.2.9 -d 192.0.2.1 --sport \(port) --dport 9 -r 192.0.2.1 -q 192.0.2.9 --reply-port-src 9 "
        + "--reply-port-dst \(port) -t 600 -u ASSURED,SEEN_REPLY"
    }
    try FileSystem.create("/run/entries", content: Array((entries.joined(separator: "\n") + "\n").utf8))
    try Command.run("conntrack --load-file /run/entries")
    try Command.run("nsenter -t 1 -n sysctl -qw net.netfilter.nf_conntrack_max=4096")
    #expect(try !world.answers("TCP:192.0.2.1:8080", .forSilence))
    let (status, report) = try world.why("lan 192.0.2.1:8080")
    #expect(status == 1 && report["cause"]["kind"] == "conntrack-full", "\(report.indented())")
    try world.apply("nsenter -t 1 -n \(report["cause"]["fix"].string)")
    #expect(try world.answers("TCP:192.0.2.1:8080", .forAnswer))
    #expect(try world.why("lan 192.0.2.1:8080").status == 0)
  }
}
