import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl rules", .networkNamespace)
struct RulesTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  @Test("our table is a tree in words, with the elements of each attachment and their counters")
  func ours() throws {
    let name = try netctl.add("-p", "8080:80")
    let report = try netctl.attempt("rules", "--json").json
    let element = try #require(report["elements"].elements.first { $0["set"] == "published" })
    #expect(element["key"] == "tcp . 8080" && element["value"] == "10.88.0.2 . 80" && element["owner"] == .string("lab/\(name)/eth0"))
    #expect(report["ours"].elements.contains { $0["base_chain"] == "inet swift_cni prerouting" && $0["chain"] == "inet swift_cni publish" })
    let text = try netctl.attempt("rules").text
    #expect(
      text.contains("table inet swift_cni\n") && text.contains("lab/\(name)/eth0\n")
        && text.contains("published: tcp . 8080 -> 10.88.0.2 . 80"))
  }

  @Test("for one container only its elements are shown, and of others the rules that its packets can meet")
  func container() throws {
    let name = try netctl.add("-p", "8080:80"), other = try netctl.add("-p", "8081:80")
    try Command.run("nft add table ip other")
    try Command.run("nft add chain ip other FORWARD { type filter hook forward priority 0 ; policy accept ; }")
    let met = [
      "ip saddr 10.88.0.2 drop", "ip daddr 10.88.0.0/24 counter", "iifname cni0 tcp dport 25 reject", "oifname \"cni*\" accept",
      "ip saddr != 10.9.0.0/16 accept",
    ]
    let missed = [
      "ip saddr 10.88.0.3 ip daddr 10.99.0.0/16 drop", "iifname eth7 oifname eth8 drop", "iifname \"tun*\" ip daddr 10.88.0.3 drop",
      "iifname cni0 ip saddr 10.88.0.3 oifname eth8 drop",
    ]
    for rule in met + missed { #expect(try Command.attempt(["nft", "add rule ip other FORWARD \(rule)"]).status == 0, "\(rule)") }
    let report = try netctl.attempt("rules", "--for", name, "--json").json
    let owners = Set(report["elements"].elements.map(\.["owner"].string).filter { $0 != "null" })
    #expect(owners == ["lab/\(name)/eth0"] && !owners.contains("lab/\(other)/eth0"))
    let foreign = report["foreign"].elements
    #expect(foreign.count == met.count, "\(foreign.map(\.["rule"].string))")
    #expect(foreign.map { $0["marked"] == true } == [true, false, true, false, false])
    let text = try netctl.attempt("rules", "--for", name).text
    #expect(text.contains("! ip saddr 10.88.0.2 drop") && !text.contains("eth8"), "\(text)")
  }

  @Test("comments that others have written cannot move the cursor")
  func hostileComment() throws {
    try Command.run("nft add table ip other")
    try Command.run("nft add chain ip other FORWARD { type filter hook forward priority 0 ; policy drop ; }")
    #expect(try Command.attempt(["nft", "add rule ip other FORWARD counter comment \"a\u{1B}[2J\""]).status == 0)
    let text = try netctl.attempt("rules").text
    #expect(!text.contains("\u{1B}") && text.contains("# a\\u{1B}[2J"))
  }
}
