import JSON
import Linux
import TestSupport
import Testing

@Suite("published ports", .networkNamespace)
struct PortTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  @Test("ports lead to the container from all addresses or from one, and are free again when it has ended")
  func publishes() throws {
    let lan = try SecondHost()
    try berth.web("web", ["-p", "8080:80", "-p", "127.0.0.1:8081:80"])
    for url in ["http://192.0.2.1:8080/", "http://[fd00:2::1]:8080/"] {
      #expect(try lan.namespace.run { try berth.fetch(url) } == "hello\n")
    }
    for url in ["http://127.0.0.1:8080/", "http://127.0.0.1:8081/"] { #expect(try berth.fetch(url) == "hello\n") }
    #expect(try lan.namespace.run { try Command.attempt(["curl", "-s", "-m", "2", "http://192.0.2.1:8081/"]).status != 0 })
    #expect(
      try berth("port", "web") == "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n80/tcp -> 127.0.0.1:8081")
    #expect(try berth("port", "web", "80") == "0.0.0.0:8080\n[::]:8080\n127.0.0.1:8081")
    #expect(try berth.attempt("port", "web", "81/udp").errors == "Error: no public port '81/udp' published for web\n")
    #expect(try berth("ps", "--format", "{{.Ports}}").contains("127.0.0.1:8081->80/tcp"))
    try berth("stop", "-t", "0", "web")
    #expect(try berth("port", "web") == "" && Command.attempt(["curl", "-s", "-m", "2", "http://127.0.0.1:8080/"]).status != 0)
    try berth.web("next", ["-p", "8080:80"])
    let output = try berth.attempt("start", "web")
    #expect(output.status == 1 && output.errors.contains("tcp 8080 is already published by container next"), "\(output)")
  }

  @Test("a datagram finds its way to a published UDP port and back")
  func datagrams() throws {
    for name in ["lib", "lib64"] { try Command.run("ln -s usr/\(name) \(berth.rootfs)/\(name)") }
    let echo = ["--rootfs", berth.rootfs, "/usr/bin/socat", "UDP4-LISTEN:53,fork", "EXEC:cat"]
    try berth.run(["run", "-d", "--name", "echo", "-v", "/usr:/usr:ro", "-p", "5353:53/udp", "-p", "5353:53/tcp"] + echo)
    #expect(try berth("port", "echo", "53/udp") == "0.0.0.0:5353\n[::]:5353")
    // Until somebody listens a datagram is refused.
    let ask = "until echo berth | timeout 5 socat -t 2 - UDP4:127.0.0.1:5353 2>/dev/null; do :; done"
    #expect(try Command.attempt(["sh", "-c", ask]).text == "berth\n")
  }

  @Test("a port in use is refused by the name of who holds it, container or process, and nothing is left")
  func conflicts() throws {
    try berth.web("web", ["-p", "8080:80"])
    let before = try berth.networkWorld()
    let taken = try berth.attempt("run", "-d", "--name", "second", "-p", "127.0.0.1:8080:80", "--rootfs", berth.rootfs, "true")
    #expect(taken.status == 125 && taken.errors.contains("8080 is already published by container web"), "\(taken)")
    try berth.start("server", ["--network", "host"], "exec httpd -f -p 8090 -h /www")
    _ = try berth.fetch("http://127.0.0.1:8090/")
    let held = try berth.attempt("run", "-d", "--name", "third", "-p", "8090:80", "--rootfs", berth.rootfs, "true")
    #expect(
      held.status == 125 && held.errors.contains("8090") && held.errors.contains("process") && held.errors.contains("httpd"), "\(held)")
    #expect(try berth.networkWorld() == before && berth.fetch("http://127.0.0.1:8080/") == "hello\n")
    #expect(try berth("ps", "-a", "--filter", "status=created", "--format", "{{.Names}}") == "third\nsecond")
  }

  @Test("-P gives every exposed port one of its own, and a range the first free one")
  func chooses() throws {
    try berth.web("one", ["-p", "9000:80"])
    try berth.web("two", ["-p", "9000-9002:80", "-P", "--expose", "7000-7001/udp", "--expose", "443"])
    #expect(try berth("port", "two", "80") == "0.0.0.0:9001\n[::]:9001" && berth.fetch("http://127.0.0.1:9001/") == "hello\n")
    let chosen = try berth("port", "two").split(separator: "\n").filter { $0.contains("0.0.0.0") }.map { $0.split(separator: " ")[0] }
    #expect(chosen == ["80/tcp", "443/tcp", "7000/udp", "7001/udp"])
    try berth.web("three", ["-p", "9000-9002:80"])
    let full = try berth.attempt("run", "-d", "-p", "9000-9002:80", "--rootfs", berth.rootfs, "true")
    #expect(full.status == 125 && full.errors.contains("no tcp port of 9000-9002 is free"), "\(full)")
    try berth("run", "--rm", "-p", "9100-9104:80-84", "--rootfs", berth.rootfs, "true")
  }

  @Test("of ten that want one port at once one gets it, and ten that want any get different ones")
  func crowd() throws {
    let before = try berth.networkWorld()
    let output = try berth.onHost(
      "for i in $(seq 10); do berth run -d --name m$i -p 8080:80 --rootfs $rootfs httpd -f -p 80 -h /www & done; wait")
    #expect(output.text.split(separator: "\n").count == 1, "\(output)")
    #expect(
      output.errors.split(separator: "\n").filter { $0.contains("tcp 8080 is already published by container m") }.count == 9, "\(output)")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n" && berth("ps", "-q").split(separator: "\n").count == 1)
    try berth.run(["rm", "-f"] + (1...10).map { "m\($0)" })
    let any = try berth.onHost(
      "for i in $(seq 10); do berth run -d --name n$i -p 9000-9009:80 --rootfs $rootfs httpd -f -p 80 -h /www & done; wait")
    #expect(any.text.split(separator: "\n").count == 10, "\(any)")
    let ports = try (1...10).map { try berth("port", "n\($0)", "80").split(separator: "\n")[0] }
    #expect(Set(ports) == Set((9000...9009).map { "0.0.0.0:\($0)" }))
    try berth.run(["rm", "-f"] + (1...10).map { "n\($0)" })
    #expect(try Set(berth.networkWorld()).subtracting(before).filter { $0 != "cni0" } == [])
  }

  @Test(
    "nonsense is refused before anything is made",
    arguments: [
      ("80:x", "invalid containerPort: x"), ("x:80", "invalid hostPort: x"), ("80:80/icmp", "invalid proto: icmp"),
      ("70000:80", "invalid hostPort: 70000"),
      ("80:0", "invalid containerPort: 0"), ("1.2.3:80:80", "invalid IP address: 1.2.3"), ("80-81:90-95", "invalid ranges"),
      ("", "no port specified"),
      ("80:+80", "invalid containerPort: +80"), ("90-80:80", "invalid hostPort: 90-80"),
      ("::::", "no port"),
      ("8080:80:tcp", "invalid"), ("[::1:8080:80", "invalid"),
    ])
  func nonsense(text: String, words: String) throws {
    let output = try berth.attempt("create", "-p", text, "--rootfs", berth.rootfs, "true")
    #expect(output.status == 125 && output.errors.contains(words), "\(output)")
    #expect(try berth("ps", "-aq") == "")
  }
}
