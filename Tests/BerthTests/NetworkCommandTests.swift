import JSON
import Linux
import TestSupport
import Testing

@Suite("berth network", .networkNamespace)
struct NetworkCommandTests {
  private let berth: Berth

  init() throws { berth = try Berth() }

  @Test("a network is made, listed, described, used and removed as with docker")
  func lifecycle() throws {
    let id = try berth("network", "create", "--subnet", "10.50.0.0/24", "--label", "tier=front", "front")
    #expect(id.utf8.count == 64)
    let table = try berth("network", "ls").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(table[0] == ["NETWORK", "ID", "NAME", "DRIVER", "SCOPE"])
    #expect(
      table[1...].map { $0[1] } == ["bridge", "front", "host", "none"] && table[2] == [String(id.prefix(12)), "front", "bridge", "local"])
    #expect(try berth("network", "ls", "-q", "--no-trunc", "--filter", "label=tier=front") == id)
    #expect(try berth("network", "ls", "--format", "{{.Name}}/{{.Driver}}", "-f", "driver=null") == "none/null")
    try berth.web("web", ["--network", "front"])
    let described = try JSONValue.parse(berth("network", "inspect", String(id.prefix(6))))[0]
    #expect(described["Name"].string == "front" && described["IPAM"]["Config"][0]["Gateway"].string == "10.50.0.1")
    #expect(described["Labels"]["tier"].string == "front")
    let container = try berth.inspect("web", "{{.Id}}")
    #expect(described["Containers"][container]["IPv4Address"].string == "10.50.0.2/24")
    let busy = try berth.attempt("network", "rm", "front")
    #expect(busy.status == 1 && busy.errors.contains("has active endpoints (name:\"web\" id:\"\(container.prefix(12))\")"))
    try berth("rm", "-f", "web")
    #expect(try berth("network", "rm", "front") == "front")
    #expect(try berth.attempt("network", "rm", "front").errors == "Error: network front not found\n")
    #expect(try berth.attempt("network", "rm", "-f", "front").status == 0)
    #expect(try !Command.run("ip -br link").text.contains("br-"))
  }

  @Test("several are described, and the missing one is named; inspect finds networks, too")
  func inspect() throws {
    try berth("network", "create", "front")
    let output = try berth.attempt("network", "inspect", "front", "fornt", "none")
    #expect(output.status == 1 && output.errors == "Error: network fornt not found (did you mean front?)\n")
    #expect(try output.json.elements.map { $0["Driver"].string } == ["bridge", "null"])
    #expect(try berth("network", "inspect", "-f", "{{.Name}} {{range .IPAM.Config}}{{.Subnet}}{{end}}", "front") == "front 172.18.0.0/16")
    #expect(try berth("inspect", "-f", "{{.Driver}}", "front") == "bridge")
    #expect(try berth("inspect", "--type", "network", "-f", "{{.Name}}", "host") == "host")
  }

  @Test("prune removes what no container has, running or not, and nothing else")
  func prune() throws {
    for name in ["used", "stopped", "free"] { try berth("network", "create", name) }
    try berth.web("web", ["--network", "used"])
    try berth("create", "--network", "stopped", "--rootfs", berth.rootfs, "true")
    #expect(try berth("network", "prune", "-f") == "Deleted Networks:\nfree\n")
    #expect(try berth("network", "ls", "--format", "{{.Name}}") == "bridge\nhost\nnone\nstopped\nused")
  }

  @Test(
    "what cannot be is refused with the option and what was expected",
    arguments: [
      (["--subnet", "10.1/16"], "\"10.1/16\" for --subnet"), (["--gateway", "x"], "\"x\" for --gateway"),
      (["-d", "magic"], "network driver \"magic\" not found: expected bridge, overlay, macvlan"),
      (["--opt", "mtu=9"], "option mtu: expected 68 to 65535, got \"9\""), (["--opt", "mut=9"], "did you mean mtu"),
      (["--ip-range", "10.9.0.0/24"], "no matching subnet for range 10.9.0.0/24"),
      (["--subnet", "10.8.0.0/24", "--gateway", "10.9.0.1"], "no matching subnet for gateway 10.9.0.1"),
      (["--subnet", "10.8.0.0/24", "--gateway", "10.8.0.255"], "--gateway"),
      (["--subnet", "10.8.0.0/24", "--gateway", "10.8.0.0"], "--gateway"),
      (["--subnet", "10.8.0.0/24", "--subnet", "10.8.1.0/24"], "at most one subnet of each family"),
      (["--opt", "bridge=a/b"], "option bridge: expected an interface name"), (["--opt", "bridge=lo"], "option bridge"),
      (["--label", "=x"], "--label"),
    ])
  func refuses(options: [String], words: String) throws {
    let output = try berth.attempt(["network", "create"] + options + ["new"])
    #expect(output.status == 1 && output.errors.contains(words), "\(output)")
    #expect(try berth("network", "ls", "--format", "{{.Name}}") == "bridge\nhost\nnone")
  }

  @Test("addresses, MAC address, MTU, ranges and gateways are as asked for, and an internal network leads nowhere")
  func addresses() throws {
    try berth(
      "network", "create", "--subnet", "10.50.0.0/24", "--gateway", "10.50.0.254", "--ip-range", "10.50.0.128/25", "--ipv6", "--subnet",
      "fd00:50::/64", "--opt", "mtu=1400", "one")
    try berth("network", "create", "--internal", "inner")
    try berth.web(
      "web",
      ["--network", "one", "--network", "inner", "--ip", "10.50.0.199", "--ip6", "fd00:50::99", "--mac-address", "02:00:00:00:00:07"])
    let links = try berth.inside("web", "ip -j addr").json.elements
    #expect(links[1]["address"].string == "02:00:00:00:00:07" && links[1]["mtu"].integer == 1400)
    #expect(links[1]["addr_info"].elements.prefix(2).map { $0["local"].string } == ["10.50.0.199", "fd00:50::99"])
    let routes = try berth.inside("web", "ip -j route").json.elements.filter { $0["dst"].string == "default" }
    #expect(routes.map { $0["gateway"].string } == ["10.50.0.254"])
    try berth.web("next", ["--network", "one"])
    #expect(try berth.address("next") == "10.50.0.200")
    let taken = try berth.attempt("run", "-d", "--network", "one", "--ip", "10.50.0.199", "--rootfs", berth.rootfs, "true")
    #expect(taken.status == 125 && taken.errors.contains("10.50.0.199"), "\(taken)")
    let outside = try berth.attempt("create", "--network", "one", "--ip", "10.50.0.99", "--rootfs", berth.rootfs, "true")
    #expect(outside.status == 125 && outside.errors.contains("10.50.0.99: expected one of 10.50.0.128-10.50.0.254"), "\(outside)")
  }

  @Test("a running container is connected and disconnected, and takes everything along at its end")
  func connects() throws {
    try berth("network", "create", "back")
    let before = try berth.networkWorld()
    try berth.web("web", ["-p", "8080:80"])
    try berth.web("other", ["--network", "back"])
    try berth("network", "connect", "--alias", "shop", "--ip", "172.18.0.77", "back", "web")
    #expect(try berth.hosts("other").contains("172.18.0.77\tweb shop "))
    #expect(try berth.reaches("other", "http://shop/"))
    #expect(try berth.attempt("network", "connect", "back", "web").errors.contains("endpoint with name web already exists in network back"))
    #expect(try berth.attempt("network", "connect", "host", "web").errors.contains("host network"))
    try berth("network", "disconnect", "bridge", "web")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n")
    #expect(try berth.inside("web", "ip -br link").text.split(separator: "\n").count == 2)
    #expect(try berth.attempt("network", "disconnect", "bridge", "web").errors.contains("is not connected to network bridge"))
    try berth("restart", "-t", "0", "web")
    #expect(try berth.address("web", on: "back") == "172.18.0.77" && berth.fetch("http://127.0.0.1:8080/") == "hello\n")
    try berth("network", "disconnect", "back", "web")
    #expect(try !berth.hosts("other").contains("shop"))
    try berth("network", "connect", "back", "web")
    try berth("stop", "-t", "0", "web", "other")
    // Bridges stay, nothing else.
    #expect(try Set(berth.networkWorld().filter { $0 != "cni0" && !$0.hasPrefix("br-") }).subtracting(before) == [])
    try berth("network", "connect", "bridge", "web")
    try berth("start", "web")
    #expect(try berth.inside("web", "ip -br link").text.split(separator: "\n").count == 3)
  }

  @Test("a container shares another's network, the host's, or has none")
  func modes() throws {
    try berth.web("web", ["--hostname", "shop"])
    let shared = try berth(
      "run", "--rm", "--network", "container:web", "--rootfs", berth.rootfs, "sh", "-c",
      "busybox wget -q -O - http://127.0.0.1/; hostname; cat /etc/hosts")
    #expect(shared.hasPrefix("hello\nshop\n") && shared.contains("\tshop\t# berth"))
    let host = try berth("run", "--rm", "--network", "host", "--rootfs", berth.rootfs, "sh", "-c", "cat /proc/net/dev; hostname")
    #expect(try host.contains("cni0") && host.hasSuffix(Command.run("hostname").text.dropLast()))
    let alone = try berth("run", "--rm", "--network", "none", "--rootfs", berth.rootfs, "cat", "/proc/net/dev")
    #expect(alone.contains("lo:") && !alone.contains("eth0"))
    try berth("stop", "-t", "0", "web")
    let late = try berth.attempt("run", "--rm", "--network", "container:web", "--rootfs", berth.rootfs, "true")
    #expect(late.status == 125 && late.errors.contains("cannot join network of a non running container"), "\(late)")
  }

  @Test(
    "drivers whose plugins are missing are made, and a container that wants one is refused by the plugin's name",
    arguments: ["macvlan"])
  func missingPlugin(driver: String) throws {
    try FileSystem.remove("/run/plugins/\(driver)")
    let made = try berth.attempt("network", "create", "-d", driver, "wide")
    #expect(made.status == 0 && made.errors.contains("its plugin \"\(driver)\" is not in CNI_PATH"))
    let list = try JSONValue.parse(Command.run("cat /run/conf/wide.conflist").text)
    #expect(list["plugins"][0]["type"].string == driver && list["plugins"][0]["ipam"]["type"].string == "host-local")
    let before = try berth.networkWorld()
    let output = try berth.attempt("run", "--name", "one", "--network", "wide", "--rootfs", berth.rootfs, "true")
    #expect(
      output.status == 125 && output.errors.contains("network wide: its plugin \"\(driver)\" is not in CNI_PATH (/run/plugins)"),
      "\(output)")
    #expect(try berth.networkWorld() == before)
    try berth("rm", "one")
    try berth("network", "rm", "wide")
  }

  @Test("a container on a macvlan network is a machine beside the host: another one on the link reaches it, with no port published")
  func macvlan() throws {
    let neighbor = try SecondHost()
    try berth("network", "create", "-d", "macvlan", "--subnet", "192.0.2.0/24", "--gateway", "192.0.2.2", "--opt", "parent=lan0", "lan")
    try berth("run", "-d", "--name", "web", "--network", "lan", "--ip", "192.0.2.50", "--rootfs", berth.rootfs, "httpd", "-f", "-h", "/www")
    #expect(try neighbor.namespace.run { try berth.fetch("http://192.0.2.50/") } == "hello\n")
    #expect(try berth.attempt("network", "check", "web").status == 0)
    try berth("rm", "-f", "web")
    #expect(try FileSystem.names(in: "/run/cni/macvlan/lan").isEmpty)
  }

  @Test("lists of others in the folder are networks: used, listed, and left alone")
  func foreign() throws {
    try FileSystem.createFolders("/run/conf")
    let list =
      #"{"cniVersion":"0.4.0","name":"theirs","plugins":[{"type":"bridge","bridge":"br9","isGateway":true,"ipam":{"type":"host-local","subnet":"10.9.0.0/24"}}]}"#
    try FileSystem.create("/run/conf/50-theirs.conflist", content: Array(list.utf8))
    let single =
      #"{"cniVersion":"1.0.0","name":"single","type":"bridge","bridge":"br8","isGateway":true,"ipam":{"type":"host-local","subnet":"10.8.0.0/24"}}"#
    try FileSystem.create("/run/conf/60-single.conf", content: Array(single.utf8))
    try FileSystem.create("/run/conf/70-broken.conflist", content: Array("{\"name\":".utf8))
    #expect(try berth("network", "ls", "-q").split(separator: "\n").count == 5)
    #expect(try berth.web("web", ["--network", "theirs", "--network", "single"]) == "10.9.0.2")
    #expect(try berth.address("web", on: "single") == "10.8.0.2")
    #expect(
      try berth.attempt("network", "rm", "theirs").errors.contains(
        "was not made by berth; its list is the file /run/conf/50-theirs.conflist"))
    #expect(try berth("network", "prune", "-f") == "")
    let overlapping = try berth.attempt("network", "create", "--subnet", "10.9.0.0/16", "wide")
    #expect(overlapping.errors.contains("pool overlaps with 10.9.0.0/24 of network theirs"))
  }

  @Test("reference plugins understand a list that berth made", arguments: [[], ["--internal"], ["--opt", "mtu=1300", "--ipv6"]])
  func referencePlugins(options: [String]) throws {
    try berth.run(["network", "create"] + options + ["front"])
    // Debian's are too old for version 1.1 of the specification, and for nothing else.
    let text = try Command.run("cat /run/conf/front.conflist").text.replacing("\"1.1.0\"", with: "\"1.0.0\"")
    let runner = PluginRunner(folder: "/usr/lib/cni"), container = try TestNamespace(), list = try JSONValue.parse(text)
    let result = try runner.add(list: list, in: container)
    #expect(result["ips"][0]["address"].string == "172.18.0.2/16")
    try container.run { try Command.run("ping -q -c 1 -W 60 172.18.0.1") }
    try runner.expect("CHECK", list: list, result: result, in: container)
    try runner.expect("DEL", list: list, result: result, in: container)
  }

  @Test("check tells what is wrong, and which container it concerns")
  func check() throws {
    try berth.web("web", ["-p", "8080:80"])
    try berth.web("other")
    #expect(try Set(berth("network", "check").split(separator: "\n")) == ["web", "other"])
    try Command.run("nft flush map inet swift_cni published")
    let output = try berth.attempt("network", "check")
    #expect(output.status == 1 && output.text == "other\n" && output.errors.contains("container web:"), "\(output)")
    #expect(try berth.attempt("network", "check", "nobody").errors.contains("No such container: nobody"))
  }
}
