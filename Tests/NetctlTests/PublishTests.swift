import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl publish", .networkNamespace)
struct PublishTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  private func namespace(_ name: String) throws -> TestNamespace { try TestNamespace(path: "/run/netns/\(name)") }

  @Test("a running container's port is published, checked, kept after a flush, and taken back by unpublish")
  func publish() throws {
    let name = try netctl.add()
    #expect(Conversation.fails(from: nil, to: "127.0.0.1", 8080, server: try namespace(name), 80))
    let output = try netctl.attempt("publish", name, "8080:80", "5000-5003:5000-5003/udp")
    #expect(
      output.status == 0
        && output.text == """
          published tcp 8080 -> 10.88.0.2:80, [fd00:88::2]:80 (lab/\(name)/eth0)
          published udp 5000-5003 -> 10.88.0.2:5000-5003, [fd00:88::2]:5000-5003 (lab/\(name)/eth0)

          """,
      "\(output)")
    #expect(Conversation.works(from: nil, to: "127.0.0.1", 8080, server: try namespace(name), 80))
    #expect(Conversation.works(.udp, from: nil, to: "10.88.0.1", 5002, server: try namespace(name), 5002))
    #expect(try netctl.attempt("cni", "check", "lab", "--container", name).status == 0)
    try Command.run("nft flush ruleset")
    #expect(try netctl.attempt("check", name, "--fix").status == 0)
    #expect(Conversation.works(from: nil, to: "127.0.0.1", 8080, server: try namespace(name), 80))
    let back = try netctl.attempt("unpublish", name, "8080", "5001/udp")
    #expect(back.status == 0 && back.text.contains("took back tcp 8080 -> 10.88.0.2:80"), "\(back)")
    #expect(Conversation.fails(from: nil, to: "127.0.0.1", 8080, server: try namespace(name), 80))
    #expect(Conversation.works(.udp, from: nil, to: "10.88.0.1", 5002, server: try namespace(name), 5002))
    #expect(try netctl.attempt("check", name).status == 0)
    #expect(try netctl.attempt("cni", "check", "lab", "--container", name).status == 0)
  }

  @Test("ports of a container that no runtime has attached are published, too, put back after a flush, and taken back")
  func withoutRuntime() throws {
    try Command.run("ip link add br0 type bridge")
    try Command.run("ip link set br0 up")
    try Command.run("ip addr add 10.7.0.1/24 dev br0")
    try Command.run("ip netns add lab")
    try Command.run("ip link add v0 type veth peer name eth0 netns lab")
    try Command.run("ip link set v0 master br0 up")
    for line in ["link set lo up", "addr add 10.7.0.2/24 dev eth0", "link set eth0 up", "route add default via 10.7.0.1"] {
      try Command.run("ip -n lab \(line)")
    }
    try Command.run("sysctl -qw net.ipv4.ip_forward=1")
    let neighbor = try SecondHost(), lab = try namespace("lab"), record = "/var/lib/cni/results/netctl-lab-eth0"
    let output = try netctl.attempt("publish", "lab", "8080:80")
    #expect(output.status == 0 && output.text == "published tcp 8080 -> 10.7.0.2:80 (netctl/lab/eth0)\n", "\(output)")
    #expect(Conversation.works(from: neighbor.namespace, to: "192.0.2.1", 8080, server: lab, 80))
    #expect(Conversation.works(from: nil, to: "127.0.0.1", 8080, server: lab, 80))
    #expect(try netctl.attempt("publish", "lab", "8081:80", "--from", "192.0.2.2").status == 0)
    #expect(try netctl.attempt("check", "lab").text == "1 attachment as it is to be\n")
    try Command.run("nft flush ruleset")
    #expect(try netctl.attempt("check", "--all", "--fix").status == 0)
    #expect(Conversation.works(from: neighbor.namespace, to: "192.0.2.1", 8080, server: lab, 80))
    #expect(try netctl.attempt("gc", "--min-age", "0", "--dry-run").text == "nothing to remove\n")
    #expect(try netctl.namespace(of: "lab")?["owner"]["kind"] == "bare")
    #expect(try netctl.attempt("unpublish", "lab", "8080").status == 0)
    #expect(Conversation.fails(from: neighbor.namespace, to: "192.0.2.1", 8080, server: lab, 80))
    #expect(Conversation.works(from: neighbor.namespace, to: "192.0.2.1", 8081, server: lab, 80) && FileSystem.exists(record))
    #expect(try netctl.attempt("unpublish", "lab", "8081").status == 0)
    #expect(!FileSystem.exists(record))
  }

  @Test("what was published of a namespace that nobody's runtime knows is collected when it is gone")
  func collected() throws {
    try Command.run("ip netns add lab")
    try Command.run("ip link add v0 type veth peer name eth0 netns lab")
    try Command.run("ip -n lab addr add 10.7.0.2/24 dev eth0")
    #expect(try netctl.attempt("publish", "lab", "8080:80").status == 0)
    try netctl.lose("lab")
    let output = try netctl.attempt("gc", "--min-age", "0")
    #expect(output.text.contains("netctl/lab/eth0"), "\(output)")
    #expect(try !Command.run("nft list map inet swift_cni published").text.contains(" . 8080 "))
    #expect(!FileSystem.exists("/var/lib/cni/results/netctl-lab-eth0"))
  }

  @Test("del takes away what was published meanwhile")
  func deletion() throws {
    let name = try netctl.add()
    #expect(try netctl.attempt("publish", name, "8080:80", "127.0.0.1:8081:81").status == 0)
    try netctl.delete(name)
    for set in ["published", "published_at", "single_address_ports", "hairpin", "beside"] {
      let kind = set == "single_address_ports" || set == "beside" ? "set" : "map"
      #expect(try !Command.run("nft list \(kind) inet swift_cni \(set)").text.contains("elements"), "\(set)")
    }
    #expect(try FileSystem.names(in: "/run/cni").contains("swift-cni") == false)
  }

  @Test("a port that is held is refused, with the holder's name, and nothing changes")
  func conflict() throws {
    let holder = try netctl.add("-p", "8080:80"), name = try netctl.add()
    let output = try netctl.attempt("publish", name, "8090:90", "8080:80")
    #expect(output.status == 1 && output.errors.contains("tcp 8080 is already published by container \(holder)"), "\(output)")
    #expect(try !Command.run("nft list map inet swift_cni published").text.contains(" . 8090 "))
    let own = try netctl.attempt("publish", holder, "8080:81")
    #expect(own.status == 1 && own.errors.contains("tcp 8080 is already published by lab/\(holder)/eth0 itself"), "\(own)")
    let server = OwnedFile(adopting: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(8099).bigEndian
    let bound = withUnsafeBytes(of: address) { bind(server.descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, 16) }
    #expect(bound == 0 && listen(server.descriptor, 1) == 0)
    let process = try netctl.attempt("publish", name, "8099:80")
    #expect(process.status == 1 && process.errors.contains("listens on tcp 0.0.0.0:8099"), "\(process)")
    let missing = try netctl.attempt("unpublish", holder, "8081")
    #expect(
      missing.status == 1 && missing.errors.contains("tcp 8081 is not published by container \(holder); published are: tcp 8080"),
      "\(missing)")
  }

  @Test("--from lets only its networks use the port, also after a repair, and other ports are for everybody")
  func sources() throws {
    let name = try netctl.add("-p", "8081:81"), friend = try netctl.add(), stranger = try netctl.add()
    let address = try Command.run("ip -j -n \(friend) -4 addr show eth0").json[0]["addr_info"][0]["local"].string
    let output = try netctl.attempt("publish", name, "8080:80", "--from", address)
    #expect(output.status == 0 && output.text.contains("from \(address)/32 -> "), "\(output)")
    for _ in 0..<2 {
      #expect(Conversation.works(from: try namespace(friend), to: "10.88.0.1", 8080, server: try namespace(name), 80))
      #expect(Conversation.fails(from: try namespace(stranger), to: "10.88.0.1", 8080, server: try namespace(name), 80))
      #expect(Conversation.works(from: try namespace(stranger), to: "10.88.0.1", 8081, server: try namespace(name), 81))
      #expect(try netctl.attempt("check", "--all").status == 0)
      try Command.run("nft flush ruleset")
      #expect(try netctl.attempt("check", "--all", "--fix").status == 0)
    }
    #expect(try netctl.attempt("unpublish", name, "8080").status == 0)
    #expect(try Command.run("nft list map inet swift_cni conditional").text.contains("elements") == false)
    #expect(try netctl.attempt("check", name).status == 0)
  }

  @Test("a port changes hands without a failed attempt to connect, and established connections stay with the old container")
  func move() throws {
    let old = try netctl.add("-p", "8080:80"), new = try netctl.add()
    let servers = try [(old, "o"), (new, "n")].map { name, text in
      try BackgroundProgram(["ip", "netns", "exec", name, "python3", "-u", "-c", PublishTests.server, text])
    }
    for server in servers { #expect(try server.line() == "ready") }
    let client = try BackgroundProgram(["python3", "-u", "-c", PublishTests.client])
    #expect(try client.line() == "o")
    var holders = [old, new]
    for _ in 0..<31 {
      let output = try netctl.attempt("publish", "--move", holders[0], holders[1], "8080")
      #expect(output.status == 0, "\(output)")
      holders.reverse()
    }
    try FileSystem.create("/run/stop", content: [])
    // How many attempts failed, who answered, and who still answers on the connection from before.
    #expect(try client.line() == "0 no on o")
    #expect(try netctl.attempt("check", "--all").status == 0)
    let wrong = try netctl.attempt("publish", "--move", old, new, "8080")
    #expect(wrong.status == 1 && wrong.errors.contains("tcp 8080 is not published by container \(old)"))
  }

  /// Answers every byte by who it is, on any number of connections.
  private static let server = """
    import selectors, socket, sys
    listener = socket.create_server(("0.0.0.0", 80), backlog=128)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    print("ready")
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ)
            elif key.fileobj.recv(1):
                key.fileobj.send(sys.argv[1].encode())
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
    """

  /// Connects until /run/stop is there; prints first who answers, and in the end what became of it.
  private static let client = """
    import os, socket
    def connect():
        return socket.create_connection(("10.88.0.1", 8080), timeout=60)
    def ask(connection):
        connection.send(b"?")
        return connection.recv(1).decode()
    first = connect()
    print(ask(first))
    failures, answers = 0, set()
    while not os.path.exists("/run/stop") or len(answers) < 2:
        try:
            with connect() as connection:
                answers.add(ask(connection))
        except OSError as error:
            failures += 1
            if failures > 9:
                break
    print(failures, "".join(sorted(answers)), "on", ask(first))
    """

  @Test(
    "what the command line says wrong is named",
    arguments: [
      (["publish", "x", "70000:80"], "70000:80: port 70000: expected a number from 1 to 65535"),
      (["unpublish", "x", "9-1"], "9-1: port 9-1: expected a number from 1 to 65535"),
      (["publish", "x", "80"], "expected [address:]host-port:container-port[/protocol], got 80"),
      (["publish", "x", "80:90/icmp"], "expected tcp, udp or sctp after /, got 80:90/icmp"),
      (["publish", "x", "80-90:1-2"], "got 80-90:1-2"),
      (["publish", "x", "80:80", "--from", "lan"], "--from: expected an address or a network"),
      (["publish", "--move", "x", "y"], "--move needs the old container, the new container and at least one port"),
      (["unpublish", "x", "0"], "0: port 0: expected a number from 1 to 65535"),
      (["publish", "nobody", "80:80"], "no container is called nobody"),
    ])
  func mistakes(words: [String], message: String) throws {
    let output = try netctl.attempt(words)
    #expect(output.status == 2 && output.errors.contains(message), "\(output)")
  }
}
