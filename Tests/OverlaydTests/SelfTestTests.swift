import Addresses
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("overlayd's self-test", .networkNamespace)
struct SelfTestTests {
  private let segment: Segment

  /// Two hosts whose networks are known beforehand.
  init() throws {
    segment = try Segment(hosts: 2)
    let file: JSONValue = [
      "config": ["Network": "10.244.0.0/16"],
      "peers": [["subnet": "10.244.1.0/24", "publicAddress": "192.0.2.1"], ["subnet": "10.244.2.0/24", "publicAddress": "192.0.2.2"]],
    ]
    try FileSystem.replace("/run/peers.json", content: Array(file.text.utf8))
  }

  private func start() throws {
    for host in segment.hosts { try host.start(["--store", "static:/run/peers.json"]) }
  }

  @Test("finds that the underlay carries less than its interface says, and lowers the MTU")
  func narrowPath() throws {
    try Command.run("ip link set port2 mtu 1400")
    try start()
    try segment[1].wait("the finding") { segment[1].log.contains("the underlay carries smaller packets") }
    try segment[1].wait("the MTU") { try segment[1].json("ip -j link show ovl.1")[0]["mtu"].integer ?? 1500 <= 1354 }
    try segment[2].wait("the MTU") { try segment[2].state.state()?.mtu ?? 1500 <= 1354 }
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    let mtu = try segment[1].state.state().orThrow("no state").mtu
    try containers[0].namespace.run {
      try Command.run("ping -q -c 1 -w 60 -M do -s \(min(mtu, 1350) - 28) \(containers[1].address(.v4))")
    }
  }

  @Test("finds checksums that nobody computes, and switches their offload off on the tunnel's device only")
  func wrongChecksums() throws {
    // What a card does that should compute checksums and does not: the field holds the sum that the kernel has prepared (RFC 768's pseudo header
    // of 72 bytes from 10.244.1.0 to 10.244.2.0), which the other host drops.
    try segment[2].namespace.run {
      try Command.run(
        "nft -f -",
        input: """
          table inet broken { chain card { type filter hook prerouting priority raw
          iifname "ovl.1" meta l4proto udp @th,48,16 0x1941 drop
          }
          }

          """)
    }
    try start()
    try segment[1].wait("the finding") { segment[1].log.contains("the checksum offload is switched off on its device only") }
    func offload(_ device: String) throws -> Bool {
      try segment[1].run("ethtool -k \(device)").text.contains("tx-checksumming: on")
    }
    #expect(try !offload("ovl.1") && offload("lan0"))
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(.udp, from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
    try segment[1].run("ip link del ovl.1")
    try segment[1].wait("the device, as it was") { try segment[1].forwarding().count == 1 && !offload("ovl.1") }
  }

  @Test("finds nothing where nothing is wrong")
  func fine() throws {
    try start()
    try segment[1].wait("the end") { segment[1].log.contains("self-test: packets of the full size and checksums arrive") }
    #expect(try segment[1].run("ethtool -k ovl.1").text.contains("tx-checksumming: on"))
  }
}
