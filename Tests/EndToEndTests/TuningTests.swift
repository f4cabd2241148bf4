import JSON
import Linux
import TestSupport
import Testing

@Suite("tuning", .networkNamespace)
struct TuningTests {
  private static let everyKey: JSONValue = [
    "mac": "02:00:00:00:00:01", "mtu": 1400, "promisc": true, "allmulti": true, "txQLen": 2000,
  ]

  @Test("without keys it passes the result through and touches nothing, in every version", arguments: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"])
  func nothing(version: String) throws {
    var tuned = try TuningContainer()
    // What podman sends with every container.
    tuned.runner.arguments = "IgnoreUnknown=1;K8S_POD_NAME=x"
    let configuration = tuned.configuration(version: version), before = try tuned.link()
    let result = try tuned.runner.add(configuration, in: tuned.container)
    #expect(result["interfaces"] == tuned.previousResult["interfaces"])
    #expect(result["ips"][0]["address"] == "10.1.2.3/24")
    if version >= "0.4.0" { try tuned.runner.expect("CHECK", configuration, in: tuned.container) }
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link() == before && tuned.savedFiles().isEmpty)
  }

  @Test(
    "changes one property, and DEL restores it", arguments: Self.everyKeyAlone, [false, true])
  func oneProperty(key: String, inArguments: Bool) throws {
    let tuned = try TuningContainer(), before = try tuned.link(), value = Self.everyKey[key]
    let keys: JSONValue = .object(JSONObject([(key, value)]))
    let configuration = tuned.configuration(inArguments ? ["args": ["cni": keys]] : keys)
    _ = try tuned.runner.add(configuration, in: tuned.container)
    #expect(try tuned.link() == before.with(key, value))
    let saved = try JSONValue(parsing: FileSystem.read(TuningContainer.file))
    #expect(saved[key] == before[key])
    try tuned.runner.expect("CHECK", configuration, in: tuned.container)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link() == before && tuned.savedFiles().isEmpty)
  }

  static var everyKeyAlone: [String] { ["mac", "mtu", "promisc", "allmulti", "txQLen"] }

  @Test("changes everything at once, keeps the values in another folder, and tells the new address and MTU")
  func everything() throws {
    let tuned = try TuningContainer(), before = try tuned.link()
    let configuration = tuned.configuration(Self.everyKey.with("dataDir", "/run/elsewhere/deep"))
    let result = try tuned.runner.add(configuration, in: tuned.container)
    #expect(result["interfaces"][0]["mac"] == "02:00:00:00:00:01" && result["interfaces"][0]["mtu"] == 1400)
    #expect(result["interfaces"][1] == ["name": "eth0"])
    #expect(try tuned.link().with("up", nil) == Self.everyKey.with("up", nil))
    #expect(try tuned.savedFiles().isEmpty && tuned.savedFiles("/run/elsewhere/deep") == ["c1_eth0.json"])
    try tuned.runner.expect("CHECK", configuration, in: tuned.container)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link() == before && tuned.savedFiles("/run/elsewhere/deep").isEmpty)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
  }

  @Test(
    "the MAC address comes from args.cni, else runtimeConfig, else CNI_ARGS, else the configuration",
    arguments: [
      (#"{"args":{"cni":{"mac":"02:00:00:00:00:01"}},"runtimeConfig":{"mac":"02:00:00:00:00:02"},"mac":"02:00:00:00:00:04"}"#, 1),
      (#"{"runtimeConfig":{"mac":"02:00:00:00:00:02"},"mac":"02:00:00:00:00:04"}"#, 2), (#"{"mac":"02:00:00:00:00:04"}"#, 3),
      (#"{"RuntimeConfig":{"MAC":""},"args":{"cni":{"mac":null}}}"#, 3),
    ])
  func precedence(keys: String, winner: Int) throws {
    var tuned = try TuningContainer()
    tuned.runner.arguments = "IgnoreUnknown=1;MAC=02:00:00:00:00:03;K8S_POD_NAME=x"
    let result = try tuned.runner.add(tuned.configuration(.parse(keys)), in: tuned.container)
    #expect(try tuned.link()["mac"].string == "02:00:00:00:00:0\(winner)")
    #expect(result["interfaces"][0]["mac"].string == "02:00:00:00:00:0\(winner)")
    tuned.runner.arguments = ""
    #expect(try tuned.runner.add(tuned.configuration(["mac": "02:00:00:00:00:04"]), in: tuned.container) != nil)
    #expect(try tuned.link()["mac"] == "02:00:00:00:00:04")
  }

  @Test("sets parameters inside the container alone, and saves nothing for them")
  func sysctls() throws {
    let tuned = try TuningContainer()
    let configuration = tuned.configuration([
      "sysctl": [
        "net.ipv4.conf.IFNAME.arp_filter": "1", "net/ipv4/conf/eth0/arp_announce": "2", "net.ipv4.tcp_rmem": "4096 8192 16384",
        "net.ipv4.ip_local_reserved_ports": "8080,9000-9010",
      ], "args": ["cni": ["sysctl": ["net.ipv4.conf.eth0.arp_filter": "0", "net.core.somaxconn": "77"]]],
    ])
    let here = try Command.run("sysctl -n net.core.somaxconn").text
    _ = try tuned.runner.add(configuration, in: tuned.container)
    #expect(try tuned.sysctl("net.ipv4.conf.eth0.arp_filter") == "0")
    #expect(try tuned.sysctl("net.ipv4.conf.eth0.arp_announce") == "2")
    #expect(try tuned.sysctl("net.core.somaxconn") == "77" && Command.run("sysctl -n net.core.somaxconn").text == here)
    #expect(try tuned.savedFiles().isEmpty)
    try tuned.runner.expect("CHECK", configuration, in: tuned.container)
    // An empty value empties a list.
    _ = try tuned.runner.add(tuned.configuration(["sysctl": ["net.ipv4.ip_local_reserved_ports": ""]]), in: tuned.container)
    #expect(try tuned.sysctl("net.ipv4.ip_local_reserved_ports") == "")
  }

  @Test("a dot in an interface's name is no separator")
  func dottedInterface() throws {
    var tuned = try TuningContainer()
    try tuned.shell("ip link add eth0.5 type veth peer name peer5")
    tuned.runner.interfaceName = "eth0.5"
    let keys: JSONValue = ["sysctl": ["net.ipv4.conf.IFNAME.arp_filter": "1", "net.ipv4.conf.eth0/5.arp_announce": "2"]]
    _ = try tuned.runner.add(tuned.configuration(keys), in: tuned.container)
    #expect(try tuned.shell("cat /proc/sys/net/ipv4/conf/eth0.5/arp_filter /proc/sys/net/ipv4/conf/eth0.5/arp_announce").text == "1\n2\n")
  }

  @Test(
    "CHECK names what differs",
    arguments: [
      ("mac", "ip link set eth0 address 02:00:00:00:00:02", "configured Ethernet address of eth0 is 02:00:00:00:00:01"),
      ("mtu", "ip link set eth0 mtu 1399", "configured MTU of eth0 is 1400, current value is 1399"),
      ("promisc", "ip link set eth0 promisc off", "configured promisc of eth0 is true"),
      ("allmulti", "ip link set eth0 allmulticast off", "configured allmulti of eth0 is true"),
      ("txQLen", "ip link set eth0 txqueuelen 1", "configured txQLen of eth0 is 2000, current value is 1"),
      ("sysctl", "sysctl -qw net.core.somaxconn=99", "configured value of sysctl net.core.somaxconn is 77, current value is 99"),
      ("mac", "ip link del eth0", "interface eth0 does not exist"),
    ])
  func check(key: String, command: String, message: String) throws {
    let tuned = try TuningContainer()
    let configuration = tuned.configuration(Self.everyKey.with("sysctl", ["net.core.somaxconn": "77"]))
    _ = try tuned.runner.add(configuration, in: tuned.container)
    try tuned.runner.expect("CHECK", configuration, in: tuned.container)
    try tuned.shell(command)
    let output = try tuned.runner.run("CHECK", configuration, in: tuned.container)
    #expect(output.status == 1)
    #expect(try output.json["msg"].string.contains(message), "\(output)")
  }

  @Test("promisc false that is on fails CHECK, and ADD switches it off")
  func promiscuousOff() throws {
    let tuned = try TuningContainer(), configuration = tuned.configuration(["promisc": false])
    try tuned.shell("ip link set eth0 promisc on")
    #expect(try tuned.runner.run("CHECK", configuration, in: tuned.container).status == 1)
    _ = try tuned.runner.add(configuration, in: tuned.container)
    #expect(try tuned.link()["promisc"] == false)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link()["promisc"] == true)
  }

  @Test("only what the allowlist matches may be set; CHECK and DEL do not ask it")
  func allowlist() throws {
    let tuned = try TuningContainer(), keys: JSONValue = ["sysctl": ["net.ipv4.conf.IFNAME.arp_filter": "1"]]
    let configuration = tuned.configuration(keys)
    try tuned.allow("# what containers may do\n\n  ^net\\.core\\.[a-z_]+$ \r\n^net\\.ipv4\\.conf\\.IFNAME\\.(arp|rp)_filter$\n")
    _ = try tuned.runner.add(configuration, in: tuned.container)
    #expect(try tuned.sysctl("net.ipv4.conf.eth0.arp_filter") == "1")
    try tuned.runner.expect("STATUS", configuration.without("prevResult"), in: nil)
    try tuned.allow("^net\\.core\\.[a-z_]+$\n")
    let output = try tuned.runner.run("ADD", configuration, in: tuned.container)
    #expect(try output.status == 1 && output.json["code"] == 7)
    #expect(
      try output.json["msg"].string
        == "Sysctl net.ipv4.conf.IFNAME.arp_filter is not allowed. Only the following sysctls are allowed: [^net\\.core\\.[a-z_]+$]")
    try tuned.runner.expect("CHECK", configuration, in: tuned.container)
    try tuned.allow("")
    #expect(try tuned.runner.run("ADD", configuration, in: tuned.container).status == 1)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
  }

  @Test(
    "what POSIX reads otherwise than RE2, or not at all, is refused with its line",
    arguments: [#"^net\.ipv4\.conf\.eth\d\."#, #"net[\.]core"#, "(?i)NET", "net.+?core", "net.(core", "net.[core"])
  func foreignSyntax(pattern: String) throws {
    let tuned = try TuningContainer()
    try tuned.allow("net.core\n\(pattern)\n")
    let configuration = tuned.configuration(["sysctl": ["net.core.somaxconn": "77"]])
    let output = try tuned.runner.run("ADD", configuration, in: tuned.container)
    #expect(try output.status == 1 && output.json["msg"].string.contains("allowlist.conf line 2"), "\(output)")
    let status = try tuned.runner.run("STATUS", configuration.without("prevResult"), in: nil)
    #expect(try status.status == 1 && status.json["code"] == 50, "\(status)")
  }

  @Test(
    "POSIX classes and escaped characters are accepted", arguments: ["net[.]core[.][[:alpha:]_]+$", #"^net\.\w+"#, "[^]\u{1}a]", "^(net)"])
  func portableSyntax(pattern: String) throws {
    let tuned = try TuningContainer()
    try tuned.allow(pattern)
    _ = try tuned.runner.add(tuned.configuration(["sysctl": ["net.core.somaxconn": "77"]]), in: tuned.container)
    #expect(try tuned.sysctl("net.core.somaxconn") == "77")
  }

  @Test("STATUS says when nothing could be saved")
  func status() throws {
    let tuned = try TuningContainer()
    try tuned.runner.expect("STATUS", tuned.configuration().without("prevResult"), in: nil)
    try Command.run("mount -t tmpfs -o ro none /var/lib")
    let output = try tuned.runner.run("STATUS", tuned.configuration(["dataDir": "/var/lib/a/b"]), in: nil)
    #expect(try output.status == 1 && output.json["code"] == 50 && output.json["msg"] == "no files can be created in /var/lib/a/b")
  }
}
