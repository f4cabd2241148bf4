import Addresses
import Linux
import Netlink
import Routing
import TestSupport
import Testing
import WireGuard

/// Whether the kernel has WireGuard, as ip(8) finds.
private let hasWireGuard =
  (try? Command.attempt(["unshare", "-n", "ip", "link", "add", "wg0", "type", "wireguard"]).status) == 0

@Suite("WireGuard", .networkNamespace)
struct WireGuardTests {
  /// 32 bytes each, not a pair.
  private static let secret = "6Nz+Ct2r7UkZ7vf2tSfoYd6TU0OKKtE5pE4kbNn8LHs="
  private static let key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="

  private func peer(_ endpoint: String, _ port: UInt16, _ allowed: [String], secret: String? = nil) throws -> WireGuardPeer {
    WireGuardPeer(
      try #require(WireGuardKey(WireGuardTests.key)), presharedKey: secret.flatMap { WireGuardKey($0) },
      endpoint: .init(try #require(IPAddress(endpoint)), port: port), allowed: Set(allowed.compactMap { Subnet($0) }))
  }

  @Test("a key is read and written as wg(8) does, and nothing else is a key")
  func keys() throws {
    let key = try #require(WireGuardKey(WireGuardTests.key))
    #expect(key.description == WireGuardTests.key && WireGuardKey(bytes: key.bytes) == key && !key.isZero)
    #expect(key.bytes.prefix(3) == [0xC5, 0x32, 0x01])
    for text in ["", "xTIB", String(WireGuardTests.key.dropLast()), WireGuardTests.key.replacing("x", with: "-")] {
      #expect(WireGuardKey(text) == nil)
    }
  }

  @Test("a private key gets into no text")
  func secrecy() throws {
    let bytes = try #require(Base64.decode(WireGuardTests.secret))
    let publicKey = try #require(WireGuardKey(WireGuardTests.key))
    let key = try #require(WireGuardPrivateKey(bytes: bytes, publicKey: publicKey))
    var dumped = ""
    dump(WireGuardDevice(name: "wg0", privateKey: key, port: 1, mtu: 1420), to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains(WireGuardTests.secret) && !text.contains("232")) }
  }

  @Test("the request for a peer is what linux/wireguard.h says, byte by byte")
  func bytes() throws {
    let message = NetlinkMessage.setting(try peer("192.0.2.2", 51820, ["10.244.2.0/24"]), linkIndex: 7, family: 0x21)
    let zeros = String(repeating: "00", count: 32)
    let key = try #require(WireGuardKey(WireGuardTests.key)).bytes.map { String(UInt32($0) + 256, radix: 16).dropFirst() }.joined()
    // Length and type of each attribute, then its content; 0x8000 marks a nest.
    let peer = [
      "24000100\(key)", "08000300" + "02000000", "24000200\(zeros)", "14000400" + "0200ca6cc0000202" + "0000000000000000",
      "20000980" + "1c000080" + "06000100" + "02000000" + "08000200" + "0af40200" + "05000300" + "18000000",
    ].joined()
    let attributes = "08000100" + "07000000" + "8c000880" + "88000080" + peer
    let header = "a8000000" + "2100" + "0500" + "00000000" + "00000000" + "01010000"
    let text = message.bytes.map { String(UInt32($0) + 256, radix: 16).dropFirst() }.joined()
    #expect(text == header + attributes)
  }

  @Test("what a request says is read as it was written: the kernel answers with the same attributes")
  func roundTrip() throws {
    for wanted in [
      try peer("192.0.2.2", 51820, ["10.244.2.0/24", "fd00:244:2::/64"]), try peer("fd00:2::2", 1, [], secret: WireGuardTests.secret),
    ] {
      let message = NetlinkMessage.setting(wanted, linkIndex: 7, family: 0x21)
      let state = WireGuardState(payload: message.bytes.span.bytes.extracting(16..<message.bytes.count))
      #expect(state.linkIndex == 7 && state.peers.map(\.peer) == [wanted])
    }
  }

  @Test("a kernel without WireGuard is named", .enabled(if: !hasWireGuard, "this kernel has WireGuard"))
  func refusal() throws {
    let error = #expect(throws: NetlinkError.self) { _ = try WireGuardSocket() }
    #expect(error?.description.contains("this host's kernel has none: it takes the module \"wireguard\"") == true)
  }

  @Test(
    "a device gets key, port and peers, and tells them, as wg(8) does",
    .enabled(if: hasWireGuard, "this kernel has no WireGuard; `make test-vm` runs one that has"))
  func device() throws {
    var routes = try RouteSocket(), socket = try WireGuardSocket()
    let bytes = try #require(Base64.decode(WireGuardTests.secret))
    let text = try Command.attempt(["wg", "pubkey"], input: WireGuardTests.secret).text
    let publicKey = try #require(WireGuardKey(String(text.filter { !$0.isWhitespace })))
    let key = try #require(WireGuardPrivateKey(bytes: bytes, publicKey: publicKey))
    let wanted = WireGuardDevice(name: "wg7", privateKey: key, port: 51999, mtu: 1400)
    let link = try routes.create(.create(wanted))
    #expect(link.kind == "wireguard" && link.mtu == 1400)
    try socket.perform([socket.configuring(wanted, linkIndex: link.index)])
    var first = try peer("192.0.2.2", 51820, ["10.244.2.0/24", "fd00:244:2::/64"], secret: WireGuardTests.secret)
    try socket.perform([socket.setting(first, linkIndex: link.index)])
    let state = try #require(try socket.device(index: link.index))
    #expect(state.publicKey == publicKey && state.port == 51999 && state.peers.map(\.peer) == [first])
    #expect(state.peers[0].lastHandshake == nil)
    let dump = try Command.run("wg show wg7 dump").text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    #expect(dump[0][2] == "51999" && dump[1][0] == WireGuardTests.key && dump[1][2] == "192.0.2.2:51820")
    #expect(Set(dump[1][3].split(separator: ",")) == ["10.244.2.0/24", "fd00:244:2::/64"])
    // Setting it again replaces all of it.
    first = try peer("fd00:2::2", 51821, ["10.244.3.0/24"])
    try socket.perform([socket.setting(first, linkIndex: link.index)])
    #expect(try socket.device(index: link.index)?.peers.map(\.peer) == [first])
    try socket.perform([socket.removing(first.publicKey, linkIndex: link.index), socket.removing(first.publicKey, linkIndex: link.index)])
    #expect(try socket.device(index: link.index)?.peers.isEmpty == true)
    #expect(try socket.device(index: 1) == nil && socket.device(index: 999) == nil)
  }

  @Test(
    "a device with more peers than one message holds is read whole",
    .enabled(if: hasWireGuard, "this kernel has no WireGuard; `make test-vm` runs one that has"))
  func manyPeers() throws {
    try Command.run("ip link add wg7 type wireguard")
    var routes = try RouteSocket(), socket = try WireGuardSocket()
    let index = try #require(try routes.link(named: "wg7")).index
    var wanted: [WireGuardPeer] = []
    for number in 0..<500 {
      let key = try #require(WireGuardKey(bytes: [UInt8](repeating: 9, count: 30) + [UInt8(number / 256), UInt8(number % 256)]))
      let subnets = (0..<(number == 250 ? 2000 : 1)).compactMap {
        Subnet(
          "10.\(number / 256 + ($0 > 255 ? 100 + $0 / 256 : 0)).\(number == 250 && $0 > 0 ? $0 % 256 : number % 256).0/\(24 + ($0 > 0 ? 1 : 0))"
        )
      }
      wanted.append(WireGuardPeer(key, endpoint: .init(try #require(IPAddress("192.0.2.9")), port: 9), allowed: Set(subnets)))
    }
    for peer in wanted { try socket.perform([socket.setting(peer, linkIndex: index)]) }
    let found = try #require(try socket.device(index: index)).peers.map(\.peer)
    #expect(found.count == 500 && Set(found) == Set(wanted))
  }
}
