import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl check", .networkNamespace)
struct CheckTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  /// What differs, as text.
  private func lines() throws -> [String] {
    let output = try netctl.attempt("check", "--all")
    return output.status == 0 ? [] : output.text.split(separator: "\n").map { String($0) }
  }

  /// The host's end of the only container's link.
  private func port() throws -> String { try Command.run("ip -j link show master cni0").json.elements[0]["ifname"].string }

  @Test("what is as it is to be has no difference")
  func fine() throws {
    let name = try netctl.add("-p", "8080:80", "-p", "127.0.0.1:53:53/udp")
    let output = try netctl.attempt("check", name)
    #expect(output.status == 0 && output.text == "1 attachment as it is to be\n", "\(output)")
  }

  /// One thing that somebody does to a container's network, and what is said of it.
  struct Damage: Sendable, CustomTestStringConvertible {
    let command: String
    let line: String
    var testDescription: String { command }

    init(_ command: String, _ line: String) { (self.command, self.line) = (command, line) }
  }

  static let damages: [Damage] = [
    .init("ip -n NAME addr flush dev eth0", "address of eth0: intended 10.88.0.2/16, actual missing"),
    .init("ip -n NAME -6 addr flush dev eth0 scope global", "address of eth0: intended fd00:88::2/64, actual missing"),
    .init("ip -n NAME route del default", "default route (IPv4): intended via 10.88.0.1, actual missing"),
    .init("ip -n NAME route del 10.88.0.0/16", "route to 10.88.0.0/16: intended on the link, actual missing"),
    .init("ip -n NAME link set eth0 down", "state of eth0: intended up, actual down"),
    .init("ip -n NAME link set eth0 mtu 1300", "MTU of eth0: intended 1500, actual 1300"),
    .init("ip -n NAME link set eth0 address 02:00:00:00:00:99", "actual 02:00:00:00:00:99"),
    .init("ip netns exec NAME sysctl -q net.ipv4.conf.eth0.rp_filter=2", "sysctl net.ipv4.conf.eth0.rp_filter: intended 1, actual 2"),
    .init("ip link set PORT nomaster", "bridge of PORT: intended cni0, actual none"),
    .init("ip link set PORT down", "state of PORT: intended up, actual down"),
    .init("bridge link set dev PORT hairpin off", "hairpin mode of PORT: intended on, actual off"),
    .init("bridge link set dev PORT isolated on", "isolation of PORT: intended off, actual on"),
    .init("ip link set cni0 down", "state of bridge cni0: intended up, actual down"),
    .init("ip addr flush dev cni0", "address of bridge cni0: intended 10.88.0.1/16, actual missing"),
    .init("sysctl -q net.ipv4.ip_forward=0", "sysctl net.ipv4.ip_forward: intended 1, actual 0"),
    .init("sysctl -q net.ipv4.conf.cni0.route_localnet=0", "sysctl net.ipv4.conf.cni0.route_localnet: intended 1, actual 0"),
    .init("nft flush ruleset", "table inet swift_cni: intended present, actual missing"),
    .init(
      "nft delete element inet swift_cni published { tcp . 8080 }", "map published, tcp . 8080: intended 10.88.0.2 . 80, actual missing"),
    .init(
      "nft add element inet swift_cni published { tcp . 9999 comment \"lab/NAME/eth0\" : 10.88.0.2 . 99 }",
      "map published, tcp . 9999: intended nothing, actual 10.88.0.2 . 99"),
    .init(
      "nft add element inet swift_cni inside { 10.88.0.2 . 10.99.0.0 comment \"lab/NAME/eth0\" }",
      "set inside, 10.88.0.2 . 10.99.0.0: intended nothing, actual present"),
    .init("nft flush map inet swift_cni masquerade_from", "map masquerade_from, 10.88.0.2: intended jump masquerade_16, actual missing"),
    .init(
      "nft flush chain inet swift_cni publish", "chain publish of table inet swift_cni: intended the rules of swift-cni, actual others"),
    .init("nft flush map inet swift_cni attached", "map attached, \"cni0\" . "),
    .init("rm /var/lib/cni/networks/lab/10.88.0.2", "reservation of 10.88.0.2: intended NAME eth0, actual missing"),
  ]

  @Test("a difference is one line, --fix puts it back, and then nothing differs any more", arguments: damages)
  func repair(_ damage: Damage) throws {
    try netctl.describe(
      plugins: ["firewall": [:], "tuning": ["sysctl": ["net.ipv4.conf.IFNAME.rp_filter": "1"]]], bridge: ["hairpinMode": true],
      routes: [["dst": "0.0.0.0/0"], ["dst": "::/0"]])
    let name = try netctl.add("-p", "8080:80"), port = try port()
    #expect(try lines() == [])
    let fill = { (text: String) in text.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: name) }
    let fillPort = { (text: String) in text.split(separator: "PORT", omittingEmptySubsequences: false).joined(separator: port) }
    try Command.run(fillPort(fill(damage.command)))
    let before = try lines(), wanted = fillPort(fill(damage.line))
    #expect(before.contains { $0.contains(wanted) }, "\(before)")
    let fixed = try netctl.attempt("check", name, "--fix")
    #expect(fixed.status == 0 && fixed.text.contains("put back "), "\(fixed)")
    #expect(try lines() == [])
    #expect(try netctl.attempt("cni", "check", "lab", "--container", name).status == 0)
    #expect(try Conversation.works(from: nil, to: "127.0.0.1", 8080, server: TestNamespace(path: "/run/netns/\(name)"), 80))
  }

  @Test("a container whose link is gone cannot be repaired, and it says why")
  func irreparable() throws {
    let name = try netctl.add("-p", "8080:80")
    try Command.run("ip link del \(try port())")
    let output = try netctl.attempt("check", name, "--fix", "--json")
    #expect(output.status == 1)
    let difference = try output.json["differences"].elements[0]
    #expect(difference["what"] == "interface eth0" && difference["obstacle"] == "the link is gone: the container must be attached again")
    #expect(difference["attachment"]["container"] == .string(name))
  }

  @Test("what others hold meanwhile is told, not taken")
  func held() throws {
    let name = try netctl.add("-p", "8080:80")
    try Command.run("nft delete element inet swift_cni published { tcp . 8080 }")
    try Command.run("nft add element inet swift_cni published { tcp . 8080 comment \"lab/other/eth0\" : 10.88.0.9 . 80 }")
    let output = try netctl.attempt("check", name, "--fix")
    #expect(output.status == 1 && output.text.contains("intended 10.88.0.2 . 80, actual 10.88.0.9 . 80 of lab/other/eth0"), "\(output)")
    #expect(try Command.run("nft list map inet swift_cni published").text.contains("10.88.0.9 . 80"))
  }

  @Test("unknown containers are named with what comes near")
  func unknown() throws {
    let name = try netctl.add()
    let output = try netctl.attempt("check", name + "x")
    #expect(output.status == 2 && output.errors.contains("did you mean \(name)?"))
    #expect(try netctl.attempt("check", name, "--all").status == 2)
  }

  @Test("twenty containers are put back together after a flush")
  func many() throws {
    for number in 0..<20 { _ = try netctl.add("-p", "\(9000 + number):80") }
    try Command.run("nft flush ruleset")
    #expect(try netctl.attempt("check", "--all").status == 1)
    let output = try netctl.attempt("check", "--all", "--fix", "--json")
    #expect(try output.status == 0 && output.json["attachments"] == 20 && output.json["differences"] == [])
    let elements = try Command.run("nft -j list map inet swift_cni published").json["nftables"].elements.last?["map"]["elem"].elements
    #expect(elements?.count == 20)
  }
}
