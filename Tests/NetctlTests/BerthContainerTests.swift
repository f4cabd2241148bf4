import JSON
import Linux
import TestSupport
import Testing

/// netctl's commands on a container of berth's, whose ID nobody can remember. Other tests see it, too, because it has an owner: so neither its name nor
/// its network is one that they use.
@Suite("netctl and berth", .networkNamespace)
struct BerthContainerTests {
  private let host: Netctl

  init() throws {
    host = try Netctl()
    try host.describe(subnets: ["10.77.0.0/16", "fd00:77::/64"])
    for name in ["bin", "www", "tmp", "etc"] { try FileSystem.createFolders("/run/rootfs/\(name)") }
    try Command.run("cp /bin/busybox /run/rootfs/bin/httpd")
    try FileSystem.create("/run/rootfs/www/index.html", content: Array("hello\n".utf8))
  }

  private func berth(_ words: String...) throws -> Command.Output {
    let program = "\(FileSystem.folder(of: Netctl.executable))/berth"
    return try Command.attempt([program, "--cni-path", "/run/plugins", "--cni-conf", "/run/conf"] + words)
  }

  private func netctl(_ words: String) throws -> Command.Output {
    try host.attempt(words.split(separator: " ").map(String.init))
  }

  @Test("publish, check, ports, rules, conn, trace, why and gc know it by its name")
  func byName() throws {
    let started = try berth(
      "run", "-d", "--name", "shop", "--network", "lab", "-p", "8081:80", "--rootfs", "/run/rootfs", "httpd", "-f", "-p", "80", "-h", "/www"
    )
    try #require(started.status == 0, "\(started)")
    defer { _ = try? berth("rm", "-f", "shop") }
    let id = String(started.text.prefix(64)), deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while try !netctl("enter shop -- ss -Htln").text.contains(":80 ") { try #require(deadline.remaining > 0) }

    let published = try netctl("publish shop 9090:80")
    #expect(published.status == 0 && published.text.hasSuffix("(lab/\(id.prefix(12))/eth0)\n"), "\(published)")
    #expect(try netctl("publish shop 9091:81 --json").json["changes"][0]["attachment"]["container"] == .string(id))
    #expect(try netctl("check shop").text == "1 attachment as it is to be\n")
    #expect(try netctl("ports").text.contains("lab/\(id.prefix(12))/eth0 "))
    #expect(try netctl("rules --for shop").text.contains("  lab/\(id.prefix(12))/eth0\n"))

    let trace = try host.start("trace", "shop:80", "--for", "10m", "--json")
    _ = try trace.line { $0.hasPrefix("tracing ") }
    #expect(try Command.run("curl -sS -m 60 http://10.77.0.1:9090/").text == "hello\n")
    _ = try trace.line { line in
      guard line.hasPrefix("{") else { return false }
      let event = try JSONValue.parse(line)
      return event["place"] == "shop" && event["packet"] == "tcp syn" && event["outcome"] == "delivered"
    }
    #expect(trace.end() == 0)
    let connections = try netctl("conn shop --json").json["connections"].elements
    #expect(connections.contains { $0["from_name"] == "host" && $0["reaches_name"] == "shop" && $0["to"]["port"] == 9090 })

    if try berth("pause", "shop").status == 0 {
      let cause = try netctl("why shop:80 --json").json["cause"]
      #expect(cause["kind"] == "paused" && cause["fix"] == "berth unpause shop", "\(cause.indented())")
      #expect(try berth("unpause", "shop").status == 0)
    }
    #expect(try netctl("why shop:80").status == 0)
    #expect(try netctl("unpublish shop 9090 9091").status == 0)
    #expect(try berth("rm", "-f", "shop").status == 0)
    #expect(try netctl("gc --dry-run --min-age 0").text == "nothing to remove\n")
  }

  @Test("a namespace that nothing leads to has nothing to check or to publish, and is told how it could have")
  func bareNamespace() throws {
    try Command.run("ip netns add alone")
    for words in ["publish alone 7777:77", "unpublish alone 7777"] {
      let output = try netctl(words)
      #expect(output.status == 1 && output.errors.contains("alone has no interface with an address"), "\(output)")
    }
    let output = try netctl("check alone")
    #expect(output.status == 3 && output.errors.contains("alone was not attached by CNI") && output.errors.contains("cni add"), "\(output)")
    #expect(try netctl("conn alone").status == 0)
    #expect(try netctl("rules --for alone").status == 0)
  }
}
