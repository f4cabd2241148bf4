import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl overlay", .networkNamespace)
struct OverlayCommandTests {
  private static let executable = "\(FileSystem.folder(of: PluginRunner.executable))/netctl"
  private static let lease: JSONValue = [
    "subnet": "10.244.1.0/24", "publicAddress": "192.0.2.1", "datapath": "vxlan", "vni": 1, "mac": "02:00:00:00:00:01",
  ]

  private func write(_ state: JSONValue, peers: [JSONValue] = []) throws {
    try FileSystem.createFolders("/run/overlayd/lab")
    try FileSystem.replace("/run/overlayd/lab/state.json", content: Array(state.text.utf8))
    try FileSystem.replace(
      "/run/overlayd/lab/peers.json", content: Array(JSONValue.object(JSONObject([("peers", .array(peers))])).text.utf8))
  }

  private func netctl(_ words: String...) throws -> Command.Output {
    try Command.attempt([OverlayCommandTests.executable, "overlay"] + words)
  }

  @Test("says that there is nothing to say")
  func nothing() throws {
    let output = try netctl("status")
    #expect(output.status == 3 && output.errors.contains("overlayd has not said anything in /run/overlayd"))
    try write(["network": "lab"])
    #expect(try netctl("status", "lap").status == 2)
  }

  @Test("finds a daemon that does not run, a store that does not answer, and networks that are lost")
  func problems() throws {
    try write([
      "network": "lab", "lease": OverlayCommandTests.lease, "ready": true, "mtu": 1450, "storeFault": "no\u{1B}[31m answer",
      "process": 999_999_999,
      "lost": [["subnet": "10.244.9.0/24", "reason": "it belongs to b now"]],
    ])
    let output = try netctl("status")
    #expect(
      output.status == 1 && output.text.contains("overlayd does not run") && output.text.contains("10.244.9.0/24: it belongs to b now"))
    #expect(!output.text.contains("\u{1B}"))
    #expect(try netctl("status", "--json").json["networks"][0]["lease"]["subnet"] == "10.244.1.0/24")
  }

  @Test("compares the peers with the kernel's tables")
  func peers() throws {
    let peer: JSONValue = [
      "lease": ["subnet": "10.244.2.0/24", "publicAddress": "192.0.2.2", "mac": "02:00:00:00:00:02"], "datapath": "vxlan",
    ]
    try write(["network": "lab", "lease": OverlayCommandTests.lease, "ready": true, "device": "ovl.1"], peers: [peer])
    #expect(try netctl("peers").text.contains("no route to 10.244.2.0/24"))
    try Command.run("ip link add ovl.1 type vxlan id 1 dstport 8472 local 192.0.2.1 nolearning")
    try Command.run("ip addr add 10.244.1.0/32 dev ovl.1")
    try Command.run("ip link set ovl.1 up")
    try Command.run("ip route add 10.244.2.0/24 via 10.244.2.0 dev ovl.1 onlink")
    let output = try netctl("peers")
    #expect(output.status == 1 && output.text.contains("no forwarding entry for 02:00:00:00:00:02"))
    try Command.run("bridge fdb add 02:00:00:00:00:02 dev ovl.1 dst 192.0.2.2")
    let fine = try netctl("peers", "--json")
    #expect(try fine.status == 0 && fine.json["peers"][0]["lease"]["subnet"] == "10.244.2.0/24")
  }

  @Test("measures the way to a peer, and finds one that does not answer")
  func test() throws {
    let host = try SecondHost()
    let peers: [JSONValue] = ["192.0.2.2", "192.0.2.99"].map {
      [
        "lease": ["subnet": .string($0 == "192.0.2.2" ? "10.244.2.0/24" : "10.244.3.0/24"), "publicAddress": .string($0)],
        "datapath": "host-gw",
      ]
    }
    try write(["network": "lab", "lease": OverlayCommandTests.lease, "ready": true, "mtu": 1500], peers: peers)
    let output = try netctl("test", "--json")
    let found = try output.json["peers"].elements
    #expect(output.status == 1 && found.count == 2, "\(output)")
    #expect(found[0]["largestPacket"] == 1500 && found[0]["checksumsArrive"] == true && found[0]["problem"] == .null)
    #expect(found[1]["problem"] == "no answer")
    try host.namespace.run { try Command.run("ip link set lan0 mtu 1400") }
    let narrow = try netctl("test", "--peer", "192.0.2.2", "--json")
    #expect(try narrow.status == 1 && narrow.json["peers"][0]["largestPacket"].integer ?? 1500 <= 1404)
  }
}
