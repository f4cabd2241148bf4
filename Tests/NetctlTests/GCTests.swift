import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl gc", .networkNamespace)
struct GCTests {
  private let netctl: Netctl

  /// Other tests' containers are seen too, since their processes are: addresses must be ours alone.
  init() throws {
    netctl = try Netctl()
    try netctl.describe(subnets: ["10.231.0.0/16", "fd00:231::/64"])
  }

  private func collect(_ options: String...) throws -> JSONValue {
    try netctl.attempt(["gc", "--min-age", "0", "--json"] + options).json
  }

  private func world() throws -> Set<String> {
    Set(try World(container: nil).lines.filter { !$0.contains("last_reserved_ip") && !$0.contains("fe80::") })
  }

  @Test("what a container whose namespace is gone has left is listed with owner and reason, and removed; a living one keeps everything")
  func ours() throws {
    let alive = try netctl.add("-p", "8080:80")
    #expect(try collect("--dry-run")["garbage"] == [])
    let before = try world()
    let lost = try netctl.add("-p", "8081:80", "-p", "127.0.0.1:53:53/udp")
    try netctl.lose(lost)
    let dry = try netctl.attempt("gc", "--min-age", "0", "--dry-run")
    #expect(dry.status == 1 && dry.text.contains("lab/\(lost)/eth0") && dry.text.contains("no container \(lost) lives"), "\(dry)")
    #expect(!dry.text.contains(alive))
    let found = try collect()["garbage"].elements
    #expect(Set(found.map { $0["kind"].string }) == ["rules", "reservation", "record"] && found.allSatisfy { $0["removed"] == true })
    let change = try world().symmetricDifference(before)
    #expect(change == [], "\(change)")
    #expect(try netctl.attempt("check", alive).status == 0)
    #expect(try netctl.attempt("gc", "--min-age", "0").text == "nothing to remove\n")
  }

  @Test("what is too young may be in the making, and stays")
  func young() throws {
    let lost = try netctl.add()
    try netctl.lose(lost)
    let output = try netctl.attempt("gc")
    #expect(output.status == 0 && output.text.contains("younger than 60 s left alone"), "\(output)")
    #expect(try FileSystem.names(in: "/var/lib/cni/results") == ["lab-\(lost)-eth0"])
  }

  @Test("a reservation stays as long as an interface has the address or a namespace has the container's name")
  func signsOfLife() throws {
    try FileSystem.createFolders("/var/lib/cni/networks/other")
    for (address, owner) in [("10.231.7.1", "gc-held"), ("10.231.7.2", "gc-named"), ("10.231.7.3", "gc-gone")] {
      try FileSystem.create("/var/lib/cni/networks/other/\(address)", content: Array("\(owner)\r\neth0".utf8))
    }
    try Command.run("ip netns add gc-named")
    try Command.run("ip addr add 10.231.7.1/32 dev lo")
    let found = try collect()["garbage"].elements
    #expect(found.map { $0["what"] } == ["/var/lib/cni/networks/other/10.231.7.3"] && found[0]["owner"] == "gc-gone/eth0")
    #expect(
      try FileSystem.names(in: "/var/lib/cni/networks/other").filter { $0.hasPrefix("10.") }.sorted() == ["10.231.7.1", "10.231.7.2"])
  }

  @Test("names of namespaces: what leads nowhere and what a runtime has left goes, a person's stays")
  func names() throws {
    let runtimes = "cni-0c0ffee0-1111-2222-3333-444455556666"
    for name in ["mine", runtimes] { try Command.run("ip netns add \(name)") }
    try FileSystem.create("/run/netns/stale", content: [])
    let found = try collect()["garbage"].elements
    #expect(Set(found.map { $0["what"].string }) == ["/run/netns/stale", "/run/netns/\(runtimes)"])
    #expect(try FileSystem.names(in: "/run/netns") == ["mine"])
  }

  @Test("nerdctl's hosts files of containers that it does not have any more go")
  func nerdctl() throws {
    let gone = String(repeating: "a1", count: 32), stopped = String(repeating: "b2", count: 32), root = "/var/lib/nerdctl/1935db59"
    for id in [gone, stopped] {
      try FileSystem.createFolders("\(root)/etchosts/default/\(id)")
      try FileSystem.create("\(root)/etchosts/default/\(id)/hosts", content: Array("127.0.0.1 localhost\n".utf8))
    }
    try FileSystem.createFolders("\(root)/containers/default/\(stopped)")
    let found = try collect()["garbage"].elements
    #expect(found.map { $0["what"] } == [.string("\(root)/etchosts/default/\(gone)")])
    #expect(try FileSystem.names(in: "\(root)/etchosts/default") == [stopped])
  }

  @Test("of the reference plugins' chains, rules, devices and reservations exactly the dead container's go, IPv4 and IPv6")
  func referencePlugins() throws {
    let network = """
      {"cniVersion": "0.4.0", "name": "refnet", "plugins": [
        {"type": "bridge", "bridge": "ref0", "isGateway": true, "ipMasq": true,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.232.0.0/24"}], [{"subnet": "fd00:232::/64"}]]}},
        {"type": "portmap", "capabilities": {"portMappings": true}}, {"type": "firewall"},
        {"type": "bandwidth", "ingressRate": 8000000, "ingressBurst": 8000000, "egressRate": 8000000, "egressBurst": 8000000}]}
      """
    try FileSystem.create("/run/refnet.conflist", content: Array(network.utf8))
    func add(_ id: String, _ port: Int) throws {
      let output = try netctl.attempt("cni", "add", "/run/refnet.conflist", "--path", "/usr/lib/cni", "--container", id, "-p", "\(port):80")
      #expect(output.status == 0, "\(output)")
    }
    // What stays: the tables, their base chains, the bridge.
    try add("gc-reference-alive", 8080)
    #expect(try collect("--dry-run")["garbage"] == [])
    func state() throws -> [String] {
      let tools = ["iptables-save -t nat", "iptables-save -t filter", "ip6tables-save -t nat", "ip6tables-save -t filter"]
      let rules = try tools.flatMap { try Command.run($0).text.split(separator: "\n").map(String.init) }.filter {
        !$0.hasPrefix("#") && !$0.hasPrefix(":") || $0.hasPrefix(":CNI")
      }
      let links = try Command.run("ip -j link").json.elements.map { $0["ifname"].string }
      let leases = try FileSystem.names(in: "/var/lib/cni/networks/refnet").filter { !$0.hasPrefix("last") && !$0.hasPrefix(".") }
      return (rules + links + leases).sorted()
    }
    let before = try state()
    try add("gc-reference-lost", 8081)
    try netctl.lose("gc-reference-lost")
    let found = try collect()["garbage"].elements
    #expect(found.allSatisfy { $0["removed"] == true }, "\(found.map(\.text))")
    #expect(Set(found.map { $0["kind"].string }).isSuperset(of: ["chain", "rule", "ifb", "reservation", "record"]), "\(found.map(\.text))")
    #expect(found.contains { $0["owner"] == "refnet/gc-reference-lost" && $0["kind"] == "chain" })
    let after = try state()
    #expect(after == before, "\(Set(after).symmetricDifference(before).sorted())")
  }

  @Test("the reference plugins' own tables of nftables lose the rules of dead containers alone")
  func referenceTables() throws {
    let alive = try netctl.add(),
      lines = """
        table ip cni_hostport {
          chain hostports {
            ip protocol tcp th dport 81 dnat ip to 10.231.200.7:80 comment "gcdead0123"
            ip protocol tcp th dport 82 dnat ip to 10.231.200.8:80 comment "\(alive)"
            ip protocol tcp th dport 83 dnat ip to 10.231.0.2:80 comment "gcdead0123"
          }
        }
        table inet cni_plugins_masquerade {
          chain masq_checks {
            ip saddr 10.231.200.7 ip daddr != 10.231.0.0/16 masquerade comment "0123-4567, net: lab, if: eth0, id: gcdead0123"
            ip saddr 10.231.200.8 ip daddr != 10.231.0.0/16 masquerade comment "0123-4567, net: lab, if: eth0, id: \(alive)"
          }
        }
        """
    try Command.run("nft -f -", input: lines)
    let found = try collect()["garbage"].elements
    #expect(
      found.count == 2 && found.allSatisfy { $0["kind"] == "rule" && $0["removed"] == true && $0["owner"].string.hasSuffix("gcdead0123") },
      "\(found.map(\.text))")
    let left = try Command.run("nft list table ip cni_hostport").text + Command.run("nft list table inet cni_plugins_masquerade").text
    #expect(
      !left.contains("10.231.200.7") && left.contains("dport 82") && left.contains("dport 83") && left.contains("id: \(alive)"), "\(left)")
  }
}
