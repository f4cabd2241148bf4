import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl watch", .networkNamespace)
struct WatchTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  /// Starts watching, and waits until everything has been compared once.
  private func watch() throws -> BackgroundProgram {
    let watch = try netctl.start("watch", "--json")
    let ready = try event(watch, "ready")
    #expect(ready["attachments"].integer != nil)
    return watch
  }

  /// The next repair.
  private func repair(_ watch: BackgroundProgram) throws -> JSONValue { try event(watch, "repaired") }

  /// The next event of one of these kinds. The log has lines of its own.
  private func event(_ watch: BackgroundProgram, _ kinds: String...) throws -> JSONValue {
    while true {
      let line = try watch.line { $0.hasPrefix("{") }, event = try JSONValue.parse(line)
      if kinds.contains(event["event"].string) { return event }
    }
  }

  @Test("a foreign flush of the ruleset is seen by its event and put right, and who did it is named")
  func flush() throws {
    let name = try netctl.add("-p", "8080:80"), watch = try watch()
    for _ in 0..<3 {
      try Command.run("nft flush ruleset")
      let repair = try repair(watch)
      #expect(repair["by"].string.hasPrefix("nft (process ") && (repair["gap_microseconds"].integer ?? 0) > 0, "\(repair.text)")
      #expect(repair["differences"][0]["what"] == "table inet swift_cni")
    }
    #expect(try netctl.attempt("check", name).status == 0)
    #expect(watch.end() == 0)
  }

  @Test(
    "whatever others change of rules, links, addresses and routes is put back",
    arguments: [
      ("nft delete element inet swift_cni published { tcp . 8080 }", "map published, tcp . 8080"),
      (
        "nft add element inet swift_cni published { tcp . 9999 comment \"lab/NAME/eth0\" : 10.88.0.2 . 99 }",
        "map published, tcp . 9999"
      ),
      ("nft flush chain inet swift_cni prerouting", "chain prerouting of table inet swift_cni"),
      ("ip -n NAME addr flush dev eth0", "address of eth0"), ("ip -n NAME link set eth0 down", "state of eth0"),
      ("ip -n NAME route del 10.88.0.0/16", "route to 10.88.0.0/16"), ("ip link set PORT nomaster", "bridge of PORT"),
      ("ip link set PORT down", "state of PORT"), ("ip addr flush dev cni0", "address of bridge cni0"),
      ("ip link set cni0 down", "state of bridge cni0"),
    ])
  func changes(command: String, what: String) throws {
    let name = try netctl.add("-p", "8080:80"), port = try Command.run("ip -j link show master cni0").json[0]["ifname"].string
    let fill = { (text: String) in
      let named = text.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: name)
      return named.split(separator: "PORT", omittingEmptySubsequences: false).joined(separator: port)
    }
    let watch = try watch()
    try Command.run(fill(command))
    var seen = false
    while !seen { seen = try repair(watch)["differences"].elements.contains { $0["what"] == .string(fill(what)) } }
    // Several events may have led to several repairs: the last one leaves nothing to do.
    while try netctl.attempt("check", "--all").status != 0 { _ = try repair(watch) }
    #expect(watch.end() == 0)
  }

  @Test("containers that come while it watches are looked after, and those that go are left alone")
  func comingAndGoing() throws {
    let first = try netctl.add("-p", "8080:80"), watch = try watch(), second = try netctl.add("-p", "8081:80")
    try netctl.delete(first)
    try Command.run("ip -n \(second) addr flush dev eth0")
    var seen = false
    while !seen {
      let repair = try repair(watch)
      #expect(!repair["differences"].elements.contains { $0["attachment"]["container"] == .string(first) }, "\(repair.text)")
      seen = repair["differences"].elements.contains { $0["what"] == "address of eth0" && $0["attachment"]["container"] == .string(second) }
    }
    #expect(try !Command.run("nft list map inet swift_cni published").text.contains(" . 8080 "))
    #expect(watch.end() == 0)
  }

  @Test("somebody who keeps removing the same is not fought without end")
  func backingOff() throws {
    _ = try netctl.add("-p", "8080:80")
    let watch = try watch()
    var waits: JSONValue?
    while waits == nil {
      try Command.run("nft flush ruleset")
      let event = try event(watch, "repaired", "waits")
      if event["event"] == "waits" { waits = event }
    }
    #expect(waits?["seconds"].integer ?? 0 >= 1 && waits?["by"].string.hasPrefix("nft (process ") == true && waits?["what"] == "the rules")
    // After the pause it is put back all the same.
    try Command.run("nft flush ruleset")
    #expect(try repair(watch)["differences"].elements.count > 0)
    #expect(watch.end() == 0)
  }

  @Test("what was lost because too much came at once is found all the same")
  func overflow() throws {
    let name = try netctl.add("-p", "8080:80"), watch = try watch()
    try Command.run("ip link add flood0 type bridge")
    watch.send(SIGSTOP)
    // Each line is an event; they fill the socket's buffer while nobody reads it.
    let flood = (0..<2000).map { "link set flood0 mtu \(1400 + $0 % 2)\n" }.joined()
    var rounds = 0
    while try !hasLost(), rounds < 100 {
      try Command.run("ip -batch -", input: flood)
      rounds += 1
    }
    #expect(try hasLost(), "the buffer must overflow")
    try Command.run("ip -n \(name) addr flush dev eth0")
    watch.send(SIGCONT)
    _ = try event(watch, "resynchronizes")
    var seen = false
    while !seen { seen = try repair(watch)["differences"].elements.contains { $0["what"] == "address of eth0" } }
    #expect(try Command.run("ip -n \(name) addr show dev eth0").text.contains("10.88.0.2/16"))
    #expect(watch.end() == 0)
  }

  /// Whether the kernel has dropped events for somebody who listens to links in this namespace: nobody but the watch does.
  private func hasLost() throws -> Bool {
    let lines = String(decoding: try FileSystem.read("/proc/thread-self/net/netlink"), as: UTF8.self).split(separator: "\n").dropFirst()
    return lines.contains { line in
      // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
      let words = line.split(separator: " ")
      return words.count == 10 && words[1] == "0" && words[3] != "00000000" && words[8] != "0"
    }
  }

  @Test("it tells the service manager when it is ready and when it ends")
  func notification() throws {
    let path = "/run/notify", receiver = OwnedFile(adopting: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = withUnsafeBytes(of: address) { bind(receiver.descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, length) }
    #expect(bound == 0)
    Patience.forAnswer.limit(receiver.descriptor)
    func message() -> String {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(receiver.descriptor, &buffer, buffer.count, 0)
      return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
    let watch = try netctl.start("watch", notifying: path)
    #expect(message() == "READY=1\nSTATUS=watching 0 attachments")
    #expect(watch.end(SIGTERM) == 0)
    #expect(message() == "STOPPING=1")
  }
}
