import Addresses
import CNI
import Engine
import JSON
import Linux
import TestSupport
import Testing

@Suite("networks of containers", .networkNamespace)
struct ContainerNetworkingTests {
  private let host: NetworkedHost

  init() throws { host = try NetworkedHost() }

  private func refusal(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  private func world() throws -> [String] {
    let links = try Command.run("ip -br link").text.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    return links.filter { $0.hasPrefix("veth") } + [
      try Command.run("nft list ruleset").text.contains("comment \"containers/") ? "rules" : ""
    ]
      + (try FileSystem.isFolder("/var/lib/cni/results") ? FileSystem.names(in: "/var/lib/cni/results") : [])
  }

  @Test("a published port leads to the container, and everything goes with it")
  func publishes() throws {
    let web = try host.start("web") { $0.options.publications = ["8080:80", "127.0.0.1:5353:53/udp"] }
    let lan = try SecondHost()
    #expect(Conversation.works(from: lan.namespace, to: "192.0.2.1", 8080, server: web.namespace, 80))
    #expect(Conversation.works(.udp, from: nil, to: "127.0.0.1", 5353, server: web.namespace, 53))
    try web.networking.check()
    try Command.run("nft flush map inet swift_cni published")
    #expect(refusal { try web.networking.check() }.contains("is missing"))
    try web.detach()
    try web.detach()
    #expect(try world() == [""])
  }

  @Test("a port that somebody holds is refused by the holder's name, and nothing is left")
  func conflicts() throws {
    let first = try host.start("first") { $0.options.publications = ["8080:80"] }, before = try world()
    let second = try host.record("second") { $0.options.publications = ["8080:80"] }
    #expect(refusal { _ = try host.start(second) }.contains("tcp 8080 is already published by container first"))
    #expect(try world() == before)
    let listener = try OwnedFile(adopting: Listening.socket(8081))
    let third = try host.record("third") { $0.options.publications = ["8081:80"] }
    let said = refusal { _ = try host.start(third) }
    #expect(said.contains("8081 cannot be published: process") && said.contains("listens on"), "\(said)")
    withExtendedLifetime(first) {}
    withExtendedLifetime(listener) {}
  }

  @Test("-P publishes what is exposed at free ports, and a range gives the first free port in it")
  func choosesPorts() throws {
    let listener = try OwnedFile(adopting: Listening.socket(9001))
    let one = try host.start("one") { $0.options.publications = ["9000:1"] }
    let two = try host.start("two") {
      $0.options.publications = ["9000-9005:80", "9000-9005:81"]
      $0.options.publishesAll = true
      $0.options.exposedPorts = ["7000-7001/udp", "80"]
      $0.imageDefaults.exposedPorts = ["443/tcp"]
    }
    #expect(two.ports.filter { $0.containerPort < 100 }.map { [$0.hostPort, $0.containerPort] } == [[9002, 80], [9003, 81]])
    let random = two.ports.filter { $0.containerPort > 100 }
    #expect(Set(random.map(\.containerText)) == ["443/tcp", "7000/udp", "7001/udp"])
    #expect(random.allSatisfy { (32768...60999).contains($0.hostPort) } && Set(random.map(\.hostPort)).count == 3)
    let web = try #require(random.first { $0.containerPort == 443 })
    let lan = try SecondHost()
    #expect(Conversation.works(from: lan.namespace, to: "192.0.2.1", web.hostPort, server: two.namespace, 443))
    let full = try host.record("full") { $0.options.publications = ["9000-9001:80"] }
    #expect(refusal { _ = try host.start(full) }.contains("no tcp port of 9000-9001 is free"))
    withExtendedLifetime(one) {}
    withExtendedLifetime(listener) {}
  }

  @Test("on a network with icc=false a link opens the exposed ports to the linking container alone, and follows a restart")
  func links() throws {
    try host.network("apart") { $0.options = ["icc=false"] }
    let record = try host.record("db") {
      $0.options.networks = ["apart"]
      $0.options.exposedPorts = ["3306"]
      $0.options.environment = ["SECRET=x", "PATH=/bin"]
    }
    var db = try host.start(record)
    let web = try host.start("web") { ($0.options.networks, $0.options.links) = (["apart"], ["db:store-1"]) }
    func reaches(_ port: UInt16, _ from: NetworkedHost.Container, _ to: NetworkedHost.Container) -> Bool {
      Conversation.works(from: from.namespace, to: to.addresses[0], port, server: to.namespace, port)
    }
    #expect(reaches(3306, web, db) && !reaches(3307, web, db) && !reaches(3306, db, web))
    let address = db.addresses[0]
    #expect(try web.file("hosts").contains("\(address)\tstore-1 \(db.id.prefix(12)) db\t#"))
    let environment = try web.networking.linkEnvironment()
    for variable in [
      "STORE_1_PORT=tcp://\(address):3306", "STORE_1_PORT_3306_TCP=tcp://\(address):3306", "STORE_1_PORT_3306_TCP_ADDR=\(address)",
      "STORE_1_PORT_3306_TCP_PORT=3306", "STORE_1_PORT_3306_TCP_PROTO=tcp", "STORE_1_NAME=/web/store-1", "STORE_1_ENV_SECRET=x",
    ] { #expect(environment.contains(variable)) }
    #expect(!environment.contains { $0.hasPrefix("STORE_1_ENV_PATH") })
    try db.detach()
    #expect(try !web.file("hosts").contains("store-1"))
    #expect(refusal { _ = try web.networking.linkEnvironment() } == "Cannot link to a non running container: /db AS /web/store-1")
    let filler = try host.start("filler") { $0.options.networks = ["apart"] }
    db = try host.start(#require(try host.store.record(record.id)))
    #expect(db.addresses[0] != address && reaches(3306, web, db) && !reaches(3306, web, filler))
    #expect(try web.file("hosts").contains("\(db.addresses[0])\tstore-1 "))
  }

  @Test("members of a network know each other's names, those of the default network do not, and running containers see it")
  func names() throws {
    try host.network("front")
    let one = try host.start("one") { ($0.options.networks, $0.options.networkAliases) = (["front"], ["first"]) }
    let inode = try FileIdentity(path: "\(host.store.places.container(one.id))/hosts")
    let two = try host.start("two") {
      $0.options.networks = ["front"]
      $0.options.hostName = "zwei"
      $0.options.additionalHosts = ["far:192.0.2.9"]
      $0.options.nameServers = ["192.0.2.53"]
      $0.options.searchDomains = ["example.org"]
    }
    #expect(try one.file("hosts").contains("\(two.addresses[0])\ttwo \(two.id.prefix(12))\t# front"))
    #expect(try two.file("hosts").contains("\(one.addresses[0])\tone first \(one.id.prefix(12))\t# front"))
    #expect(try two.file("hosts").contains("192.0.2.9\tfar\n") && two.file("hosts").contains("\(two.addresses[0])\tzwei two\t"))
    #expect(try two.file("hostname") == "zwei\n" && one.file("hostname") == "\(one.id.prefix(12))\n")
    #expect(try two.file("resolv.conf").hasPrefix("nameserver 192.0.2.53\nsearch example.org\n"))
    try two.detach()
    #expect(try !one.file("hosts").contains("two"))
    #expect(try FileIdentity(path: "\(host.store.places.container(one.id))/hosts") == inode)
    let plain = try [host.start("three"), host.start("four")]
    #expect(try !plain[0].file("hosts").contains("four") && !plain[1].file("hosts").contains("three"))
  }

  @Test("the first command after a boot removes what no container has any more, and leaves other runtimes' containers alone")
  func collects() throws {
    let old = try host.start("old") { $0.options.publications = ["8080:80"] }
    var runner = try PluginRunner()
    runner.containerID = "foreign"
    let network = try host.networks.network(named: "bridge"), container = try TestNamespace()
    let request = AttachmentRequest(containerID: "foreign", interfaceName: "eth0", networkNamespacePath: container.path)
    let result = try host.networks.runtime.add(network.list, request)
    try NetworkUpkeep.collectAfterBoot(host.store, BootIdentifier("another"))
    #expect(try Command.run("ip -o link show type veth").text.split(separator: "\n").count == 1)
    #expect(try !Command.run("nft list ruleset").text.contains(old.id))
    let address = try #require(result.addresses.first).address.address.description
    try Command.run("ping -c 1 -W 60 \(address)")
    // Again in the same boot: nothing is looked at.
    let later = try host.start("later")
    try NetworkUpkeep.collectAfterBoot(host.store, BootIdentifier("another"))
    try later.networking.check()
    withExtendedLifetime(container) {}
  }

  @Test(
    "options that contradict each other are refused",
    arguments: [
      Mistake({ ($0.networks, $0.hostName) = (["container:x"], "h") }, "conflicting options: hostname and the network mode"),
      Mistake({ $0.networks = ["host", "bridge"] }, "cannot attach both user-defined and non-user-defined network-modes"),
      Mistake({ $0.networks = ["bridge", "bridge"] }, "network \"bridge\" is specified multiple times"),
      Mistake({ $0.networks = ["nosuch"] }, "network nosuch not found"),
      Mistake({ $0.address4 = "10.1.2.3" }, "no configured subnet of network bridge"),
      Mistake({ $0.address4 = "10.1" }, "invalid IP address: 10.1"), Mistake({ $0.networkAliases = ["a"] }, "user defined networks"),
      Mistake({ $0.publications = ["80:x"] }, "invalid containerPort: x"), Mistake({ $0.publications = ["0x:80"] }, "invalid hostPort: 0x"),
      Mistake({ $0.publications = ["80-81:90-95"] }, "invalid ranges specified"),
      Mistake({ $0.publications = ["1.2.3:80:80"] }, "invalid IP address: 1.2.3"),
      Mistake({ $0.publications = ["80:80/icmp"] }, "invalid proto: icmp"),
      Mistake({ $0.exposedPorts = ["0"] }, "invalid range format for --expose: 0"),
      Mistake({ $0.links = ["nobody:x"] }, "could not get container for nobody"),
      Mistake({ $0.links = ["a:b:c"] }, "bad format for links: a:b:c"),
      Mistake({ $0.additionalHosts = ["x"] }, "bad format for add-host: \"x\""),
      Mistake({ $0.nameServers = ["x"] }, "IP address is not correctly formatted: x"),
      Mistake({ $0.hostName = "a b" }, "invalid hostname: \"a b\""), Mistake({ $0.hardwareAddress = "x" }, "x is not a valid mac address"),
    ] as [Mistake<RunOptions>])
  func refuses(mistake: Mistake<RunOptions>) throws {
    let said = refusal { _ = try host.record("new") { mistake.describe(&$0.options) } }
    #expect(said.contains(mistake.words), "\(said)")
  }
}
