import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("portmap: ports that are taken", .networkNamespace)
struct PortmapConflictTests {
  private let host: PortmapHost
  private let web: PortmapContainer
  private let other: PortmapContainer

  init() throws {
    host = try PortmapHost()
    web = try host.container(5)
    other = try host.container(6)
  }

  @Test(
    "a port of another container is refused by name, and nothing changes",
    arguments: [
      ("tcp 8080:80", "tcp 8080:81", "tcp 8080"), ("tcp 127.0.0.1 8080:80", "tcp 8080:81", "tcp 8080"),
      ("tcp 8080:80", "tcp 192.0.2.1 8080:81", "tcp 192.0.2.1:8080"), ("udp 5000:5000", "udp 5000:80", "udp 5000"),
      ("tcp fd00:2::1 8080:80", "tcp 8080:81", "tcp 8080"),
    ])
  func otherContainer(first: String, second: String, port: String) throws {
    try other.add([first])
    let before = try host.elements().map(\.text)
    let error = try web.error("ADD", [second, "tcp 7000:7000"])
    #expect(error.text.hasPrefix("\(port) is already published by container c6, interface eth0, network net"), "\(error.text)")
    #expect(try host.elements().map(\.text) == before)
    try web.expect("DEL", [second])
    try other.expect("CHECK", [first])
    try other.expect("DEL", [first])
    try web.add([second])
  }

  @Test("networks of one container share its ports: the next one takes over when the first goes")
  func sameContainer() throws {
    // The same container as its runtime sees it, in another network: an address of its own.
    let second = PortmapContainer(other, as: "c5"), network: JSONValue = ["name": "second"]
    try web.add(["tcp 8080:80"])
    try second.add(["tcp 8080:80"], network)
    #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", 8080, server: web.namespace, 80))
    try web.expect("CHECK", ["tcp 8080:80"])
    try second.expect("CHECK", ["tcp 8080:80"], network)
    try web.expect("DEL", ["tcp 8080:80"])
    #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", 8080, server: second.namespace, 80))
    try second.expect("DEL", ["tcp 8080:80"], network)
    #expect(try host.elements() == [])
  }

  @Test("ranges that overlap are refused, in either order", arguments: [0, 1])
  func ranges(order: Int) throws {
    let range = (5000..<5010).map { "tcp \($0):\($0)" }, single = ["tcp 5009:80"]
    try other.add(order == 0 ? range : single)
    #expect(try web.error("ADD", order == 0 ? single : range).text.contains("published by container c6"))
  }

  @Test("the same port on different addresses, protocols or families is no conflict")
  func noConflict() throws {
    try other.add(["tcp 127.0.0.1 8080:80", "udp 8081:80", "tcp 0.0.0.0 8082:80"])
    try web.add(["tcp 192.0.2.1 8080:80", "tcp 8081:80", "tcp :: 8082:80"])
    try web.expect("CHECK", ["tcp 192.0.2.1 8080:80", "tcp 8081:80", "tcp :: 8082:80"])
  }

  /// A process of the host that waits on a port until its own end; its standard input ends with the block.
  private func listening<Result>(_ socat: String, _ port: Int, named words: String = "", _ body: (pid_t) throws -> Result) throws -> Result
  {
    let script = """
      exec -a socat socat \(socat) EXEC:cat,pty \(words) < /dev/null > /dev/null 2>&1 &
      timeout 60 sh -c 'until ss -Hltnu "sport = \(port)" | grep -q \(port); do :; done' && echo $!
      """
    let pid = try #require(pid_t(try Command.run("bash -s", input: script).text.split(separator: "\n").first.map(String.init) ?? ""))
    let result = Swift.Result { try body(pid) }
    try ProcessDescriptor.kill(pid)
    return try result.get()
  }

  @Test(
    "a port on which a process of the host listens is refused, naming process, command and address",
    arguments: [
      ("TCP-LISTEN:8080", "tcp 8080:80", "0.0.0.0:8080"), ("TCP-LISTEN:8080,bind=127.0.0.1", "tcp 8080:80", "127.0.0.1:8080"),
      ("TCP-LISTEN:8080", "tcp 192.0.2.1 8080:80", "0.0.0.0:8080"), ("TCP6-LISTEN:8080", "tcp 8080:80", "[::]:8080"),
      ("TCP6-LISTEN:8080", "tcp 127.0.0.1 8080:80", "[::]:8080"), ("TCP6-LISTEN:8080,ipv6only=1", "tcp :: 8080:80", "[::]:8080"),
      ("UDP-RECVFROM:8080", "udp 8080:80", "0.0.0.0:8080"),
    ])
  func process(socat: String, mapping: String, address: String) throws {
    try listening(socat, 8080) { pid in
      let error = try web.error("ADD", [mapping])
      let transport = mapping.prefix(3)
      #expect(error.text.hasSuffix("cannot be published: process \(pid) (socat) listens on \(transport) \(address)"), "\(error.text)")
      #expect(try host.elements() == [])
    }
    try web.add([mapping])
  }

  @Test(
    "a process at another address, protocol or family is no conflict",
    arguments: [
      ("TCP-LISTEN:8080,bind=127.0.0.1", "tcp 192.0.2.1 8080:80"), ("TCP-LISTEN:8080", "udp 8080:80"),
      ("TCP6-LISTEN:8080,ipv6only=1", "tcp 0.0.0.0 8080:80"), ("TCP-LISTEN:8080", "tcp :: 8080:80"), ("TCP-LISTEN:8080", "tcp 8081:80"),
      ("TCP-LISTEN:8080", "tcp fd00:2::1 8080:80"),
    ])
  func noProcessConflict(socat: String, mapping: String) throws {
    try listening(socat, 8080) { _ in _ = try web.add([mapping]) }
  }

  @Test("a runtime that holds the port for this very container is no conflict", arguments: ["-c c5", "--id=c5", "-c c55", "-c c"])
  func reservation(words: String) throws {
    // As conmon does: bound, listening, and the container's ID among its arguments.
    let script = """
      import socket, sys
      s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8080)); s.listen()
      print("ready", flush=True); sys.stdin.read()
      """
    try Command.run("tee /run/reserve.py", input: script)
    try Command.run("tee /run/add.json", input: web.chained(PortmapContainer.configuration(["tcp 8080:80"])).text)
    let output = try Command.run(
      "bash -s",
      input: """
        coproc python3 /run/reserve.py \(words)
        read -u ${COPROC[0]} ready
        CNI_COMMAND=ADD CNI_CONTAINERID=c5 CNI_NETNS=\(web.namespace.path) CNI_IFNAME=eth0 CNI_PATH=/run/plugins /run/plugins/portmap < /run/add.json
        exec {COPROC[1]}>&-; wait
        """)
    #expect(output.text.contains("listens on") == !["-c c5", "--id=c5"].contains(words), "\(output)")
  }

  @Test("\"onConflict\": \"warn\" leaves out what is taken, with a line in the log")
  func tolerates() throws {
    let warn: JSONValue = ["onConflict": "warn"], mappings = ["tcp 8080:80", "tcp 8081:80"] + (5000..<5010).map { "tcp \($0):\($0)" }
    try other.add(["tcp 8080:80", "tcp 5004:5004"])
    try listening("TCP-LISTEN:5007", 5007) { pid in
      let said = try web.warnings(mappings, warn).split(separator: "\n")
      #expect(said.count == 3 && said.filter { $0.contains("published by container c6") }.count == 2, "\(said)")
      #expect(said.contains { $0.contains("process \(pid) (socat) listens on tcp 0.0.0.0:5007; it is left out") }, "\(said)")
    }
    for port: UInt16 in [8081, 5000, 5003, 5005, 5006, 5008, 5009] {
      #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", port, server: web.namespace, port == 8081 ? 80 : port))
    }
    #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", 8080, server: other.namespace, 80))
    try web.expect("CHECK", mappings, warn)
    #expect(try web.error("CHECK", mappings).text.contains("published"))
    try web.expect("DEL", mappings, warn)
    try other.expect("CHECK", ["tcp 8080:80", "tcp 5004:5004"])
  }

  @Test("a host port cannot lead to two ports of one container, unless on one address and on all of them")
  func contradiction() throws {
    for mappings in [["tcp 8080:80", "tcp 8080:81"], ["tcp 8080:80", "tcp 0.0.0.0 8080:81"], ["tcp :: 80:80", "tcp :: 80:81"]] {
      #expect(try web.error("ADD", mappings).text.contains("is mapped to container ports 80 and 81"))
    }
    try web.add(["tcp 8080:80", "tcp 127.0.0.1 8080:81", "tcp 8080:80", "tcp 0.0.0.0 8080:80", "udp 8080:82"])
    #expect(Conversation.works(from: nil, to: "127.0.0.1", 8080, server: web.namespace, 81))
    #expect(Conversation.works(from: host.lan.namespace, to: "192.0.2.1", 8080, server: web.namespace, 80))
  }
}
