import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("the folder that hosts share", .networkNamespace)
struct FolderTests {
  @Test("a torn record is skipped with its name, the others count")
  func torn() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try FileSystem.replace("\(segment.folder)/10.244.9.0-24.json", content: Array("{\"subnet\": \"10.2".utf8))
    try segment.start()
    #expect(segment[1].log.contains("10.244.9.0-24.json"))
    #expect(try segment.hosts.allSatisfy { try $0.waitForLease().key.description != "10.244.9.0/24" })
  }

  @Test("a full disk is told, kept from harming anybody, and got over")
  func full() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try Command.run("mount -t tmpfs -o size=64k tmpfs \(segment.folder)")
    try FileSystem.replace("\(segment.folder)/config.json", content: Array("{\"Network\": \"10.244.0.0/16\"}".utf8))
    try segment[1].start()
    try segment[1].waitForLease()
    let ballast = try Command.attempt(["dd", "if=/dev/zero", "of=\(segment.folder)/ballast", "bs=4096"])
    #expect(ballast.status != 0)
    try segment[2].start()
    try segment[2].wait("the complaint") { segment[2].log.contains("No space left on device") }
    #expect(try segment[2].plugin("STATUS").json["code"].integer == 50)
    #expect(try segment[1].plugin("STATUS").status == 0)
    try FileSystem.remove("\(segment.folder)/ballast")
    try segment[2].waitForPeers(1)
    try segment[1].waitForPeers(1)
  }

  @Test("a folder that goes away leaves the data plane as it is, and is read anew when it is back")
  func gone() throws {
    let segment = try Segment(hosts: 3, ["Network": "10.244.0.0/16"])
    for number in [1, 2] { try segment[number].start(["--contact-limit", "1"]) }
    for number in [1, 2] { try segment[number].waitForPeers(1) }
    let before = try Picture(segment[1])
    try FileSystem.move(segment.folder, to: "/run/away")
    try FileSystem.replace(segment.folder, content: [])
    try segment[1].wait("the complaint") { segment[1].log.contains("the data plane stays as it is") }
    try segment[1].wait("STATUS 51") { try segment[1].plugin("STATUS").text.contains("\"code\":51") }
    #expect(try Picture(segment[1]) == before)
    try FileSystem.remove(segment.folder)
    try FileSystem.move("/run/away", to: segment.folder)
    try segment[3].start()
    try segment[1].waitForPeers(2)
    #expect(segment[1].log.contains("the store answers again"))
    #expect(try segment[1].plugin("STATUS").status == 0)
  }

  @Test("without a configuration overlayd waits for one")
  func noConfiguration() throws {
    let segment = try Segment(hosts: 1)
    let file = "\(segment.folder)/config.json"
    try FileSystem.replace(file, content: Array("{\"Network\": \"10.244.0.1/16\"}".utf8))
    try segment[1].start()
    try segment[1].wait("the complaint") { segment[1].log.contains("field Network: expected an IPv4 network") }
    try FileSystem.remove(file)
    try segment[1].wait("the other complaint") { segment[1].log.contains("config.json does not exist") }
    try FileSystem.replace(file, content: Array("{\"Network\": \"10.244.0.0/16\"}".utf8))
    try segment[1].waitForLease()
  }

  @Test(
    "on a kernel without WireGuard an overlay of that kind is refused in one clear sentence, until there is another one",
    .enabled(if: !hasWireGuard, "this kernel has WireGuard"))
  func noWireGuard() throws {
    let segment = try Segment(hosts: 1, ["Network": "10.244.0.0/16", "Backend": ["Type": "wireguard"]])
    try segment[1].start()
    let sentence = "Backend.Type: expected vxlan or host-gw, got wireguard, and this host's kernel has none: it takes the module"
    try segment[1].wait("the refusal") { segment[1].log.contains(sentence) }
    #expect(try segment[1].http("/readyz").text.contains(sentence))
    #expect(segment[1].log.ranges(of: sentence).count == 1)
    #expect(!FileSystem.exists("\(segment[1].dataFolder)/lab.key"))
    try FileSystem.replace("\(segment.folder)/config.json", content: Array("{\"Network\": \"10.244.0.0/16\"}".utf8))
    try segment[1].waitForLease()
  }

  @Test("peers that somebody has written down need no folder")
  func staticPeers() throws {
    let segment = try Segment(hosts: 2)
    let file: JSONValue = [
      "config": ["Network": "10.244.0.0/16"],
      "peers": [["subnet": "10.244.1.0/24", "publicAddress": "192.0.2.1"], ["subnet": "10.244.2.0/24", "publicAddress": "192.0.2.2"]],
    ]
    try FileSystem.replace("/run/peers.json", content: Array(file.text.utf8))
    for host in segment.hosts { try host.start(["--store", "static:/run/peers.json"]) }
    for host in segment.hosts { try host.waitForPeers(1) }
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    #expect(try containers[1].address(.v4).hasPrefix("10.244.2."))
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }
}
