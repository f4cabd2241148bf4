import JSON
import Linux
import TestSupport
import Testing

@Suite("berth run --link", .networkNamespace)
struct LinkTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  /// A web server on port 80, the exposed one, and on 81.
  @discardableResult
  private func database(_ options: [String]) throws -> String {
    try berth.run(
      ["run", "-d", "--name", "db", "--expose", "80", "-e", "SECRET=x y", "-e", "EMPTY="] + options
        + ["--rootfs", berth.rootfs, "sh", "-c", "httpd -p 81 -h /www; exec httpd -f -p 80 -h /www"])
    let address = try berth.address("db")
    for port in [80, 81] { _ = try berth.fetch("http://\(address):\(port)/") }
    return address
  }

  @Test("the target is known by name, alias and ID, and described in the environment, as with docker")
  func environment() throws {
    let address = try database(["--expose", "53/udp"]), id = try berth.inspect("db", "{{.Id}}").prefix(12)
    try berth.web("web", ["--link", "db:store-1", "--link", "db"])
    let hosts = try berth.hosts("web")
    #expect(hosts.contains("\(address)\tstore-1 \(id) db\t#") && hosts.contains("\(address)\tdb \(id)\t#"))
    let variables = try Set(berth("exec", "web", "env").split(separator: "\n").map { String($0) })
    #expect(
      variables.isSuperset(of: [
        "STORE_1_PORT=udp://\(address):53", "STORE_1_PORT_80_TCP=tcp://\(address):80", "STORE_1_PORT_80_TCP_ADDR=\(address)",
        "STORE_1_PORT_80_TCP_PORT=80", "STORE_1_PORT_80_TCP_PROTO=tcp", "STORE_1_PORT_53_UDP=udp://\(address):53",
        "STORE_1_PORT_53_UDP_PROTO=udp", "STORE_1_NAME=/web/store-1", "STORE_1_ENV_SECRET=x y", "STORE_1_ENV_EMPTY=", "DB_NAME=/web/db",
      ]), "\(variables)")
    #expect(!variables.contains { $0.hasPrefix("STORE_1_ENV_PATH") })
    #expect(try berth.reaches("web", "http://store-1/"))
    // Nobody else knows it.
    #expect(try !berth.hosts("db").contains("web"))
  }

  @Test("on a network with icc=false a link opens the exposed ports to the linking container, and nothing else in either direction")
  func isolation() throws {
    try berth("network", "create", "--opt", "icc=false", "--ipv6", "apart")
    let db = try database(["--network", "apart"]), network = ["--network", "apart"]
    let web = try berth.web("web", network + ["--link", "db"]), other = try berth.web("other", network)
    let six = try JSONValue.parse(berth("inspect", "db"))[0]["NetworkSettings"]["GlobalIPv6Address"].string
    #expect(try berth.reaches("web", "http://db/") && berth.reaches("web", "http://\(db)/") && berth.reaches("web", "http://[\(six)]/"))
    #expect(try !berth.reaches("web", "http://\(db):81/") && !berth.reaches("web", "http://[\(six)]:81/"))
    for (from, to) in [("db", web), ("db", other), ("other", db), ("other", web), ("web", other)] {
      #expect(try !berth.reaches(from, "http://\(to)/"), "\(from) \(to)")
    }
    // Everybody reaches the host.
    _ = try berth.inside("other", "ping -q -c 1 -W 60 172.18.0.1")
    let opened = try Command.run("nft list map inet swift_cni linked").text.split(separator: "\n").filter { $0.contains(db) }
    #expect(opened.count == 1 && opened[0].contains("tcp") && opened[0].contains("80"), "\(opened)")
    try berth("network", "check")
  }

  @Test("a link follows the target's restart to another address, and goes with it")
  func restart() throws {
    try berth("network", "create", "--opt", "icc=false", "apart")
    let old = try database(["--network", "apart"])
    try berth.web("web", ["--network", "apart", "--link", "db"])
    try berth("stop", "-t", "0", "db")
    #expect(try !berth.hosts("web").contains("\tdb "))
    #expect(try !Command.run("nft list map inet swift_cni linked").text.contains(old))
    let filler = try berth.web("filler", ["--network", "apart", "--ip", old])
    try berth("start", "db")
    let new = try berth.address("db")
    _ = try berth.fetch("http://\(new)/")
    #expect(new != old && filler == old)
    #expect(try berth.reaches("web", "http://db/") && !berth.reaches("web", "http://\(old)/"))
    #expect(try berth.hosts("web").contains("\(new)\tdb ") && !berth.hosts("web").contains("\(old)\tdb "))
    try berth("rename", "db", "base")
    #expect(try berth.hosts("web").contains("\(new)\tdb ") && berth.hosts("web").contains(" base\t"))
    try berth("rm", "-f", "base")
    #expect(try !berth.hosts("web").contains(new) && !Command.run("nft list map inet swift_cni linked").text.contains("apart/"))
    #expect(try berth.attempt("restart", "-t", "0", "web").errors.contains("Cannot link to a removed container"))
  }

  @Test("a target whose supervisor was killed is forgotten by the next command")
  func killed() throws {
    try berth("network", "create", "--opt", "icc=false", "apart")
    let address = try database(["--network", "apart"])
    try berth.web("web", ["--network", "apart", "--link", "db"])
    try ProcessDescriptor.kill(berth.processes("db").supervisor)
    try berth("ps")
    #expect(try !berth.hosts("web").contains(address) && !Command.run("nft list map inet swift_cni linked").text.contains(address))
    try berth("start", "db")
    _ = try berth.fetch("http://\(berth.address("db"))/")
    #expect(try berth.reaches("web", "http://db/"))
  }

  @Test(
    "what cannot be linked is refused in docker's words",
    arguments: [
      (["--link", "nobody:x"], "could not get container for nobody"),
      (["--link", "off:x"], "Cannot link to a non running container: /off AS /new/x"),
      (["--link", "a:b:c"], "bad format for links: a:b:c"), (["--link", ":x"], "bad format for links"),
      (["--link", "far:x"], "as it does not belong to"),
      (["--link", "far:a b"], "invalid link alias"),
      (["--link", "far:x", "--network", "host"], "host type networking can't be used with links"),
      (["--link", "far:x", "--network", "none"], "can't be used with links"), (["--link", "own:x"], "host type networking"),
    ])
  func refuses(options: [String], words: String) throws {
    try berth("network", "create", "away")
    try berth("create", "--name", "off", "--rootfs", berth.rootfs, "true")
    try berth.start("far", ["--network", "away"])
    try berth.start("own", ["--network", "host"])
    let output = try berth.attempt(["run", "-d", "--name", "new"] + options + ["--rootfs", berth.rootfs, "true"])
    #expect(output.status == 125 && output.errors.contains(words), "\(output)")
    #expect(try berth("ps", "-q").split(separator: "\n").count == 2)
  }
}
