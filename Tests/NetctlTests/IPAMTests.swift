import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl ipam", .networkNamespace)
struct IPAMTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  private let folder = "/var/lib/cni/networks/lab"

  @Test("a network is shown with its ranges, what is used, what comes next, and whose each lease is")
  func show() throws {
    let name = try netctl.add()
    let network = try netctl.attempt("ipam", "show", "--json").json["networks"][0]
    let range = network["ranges"][0]
    #expect(network["name"] == "lab" && network["folder"] == .string(folder) && range["subnet"] == "10.88.0.0/16")
    #expect(range["used"] == 1 && range["size"] == 65533 && range["next"] == ["10.88.0.3", "10.88.0.4", "10.88.0.5"])
    #expect(network["leases"][0] == ["address": "10.88.0.2", "container": .string(name), "interface": "eth0", "leak": .null])
    let text = try netctl.attempt("ipam", "show", "lab").text
    #expect(text.contains("1 of 65533 used") && text.contains("10.88.0.2   \(name)  eth0"), "\(text)")
    let unknown = try netctl.attempt("ipam", "show", "lap")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean lab?"))
  }

  @Test("leases of the reference plugin are read as ours")
  func reference() throws {
    guard Command.find("/usr/lib/cni/host-local") != nil else { return }
    let configuration = #"{"cniVersion":"1.0.0","name":"theirs","type":"x","ipam":{"type":"host-local","subnet":"10.7.0.0/28"}}"#
    let environment = [
      "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "gone", "CNI_NETNS": "/x", "CNI_IFNAME": "eth0", "CNI_PATH": "/usr/lib/cni",
    ]
    #expect(try Command.attempt(["/usr/lib/cni/host-local"], input: configuration, environment: environment).status == 0)
    try FileSystem.replace("/run/conf/20-theirs.conf", content: Array(configuration.utf8))
    let networks = try netctl.attempt("ipam", "show", "--json").json["networks"].elements
    let network = try #require(networks.first { $0["name"] == "theirs" })
    #expect(network["ranges"][0]["used"] == 1 && network["ranges"][0]["size"] == 13 && network["ranges"][0]["next"][0] == "10.7.0.3")
    let check = try netctl.attempt("ipam", "check", "theirs")
    #expect(
      check.status == 1 && check.text.contains("10.7.0.2 is reserved for gone, but no runtime has its container on record"), "\(check)")
  }

  @Test("a lease without a container is a leak, an address without a lease is told, and release gives only the first one free")
  func leaks() throws {
    let name = try netctl.add(), lost = try netctl.add()
    #expect(try netctl.attempt("ipam", "check").status == 0)
    try netctl.lose(lost)
    try Command.run("ip -n \(name) addr add 10.88.0.50/16 dev eth0")
    let output = try netctl.attempt("ipam", "check", "--json")
    let findings = try output.json["findings"].elements
    let described = findings.map { "\($0["address"].string) \($0["container"].string)" }.sorted()
    #expect(output.status == 1 && described == ["10.88.0.3 \(lost)", "10.88.0.50 \(name)", "fd00:88::3 \(lost)"], "\(output)")
    let refused = try netctl.attempt("ipam", "release", "lab", "10.88.0.2")
    #expect(refused.status == 1 && refused.errors.contains("10.88.0.2 is reserved for \(name), which is there"))
    let released = try netctl.attempt("ipam", "release", "lab", "--leaked")
    #expect(released.text == "released 10.88.0.3, which was reserved for \(lost)\nreleased fd00:88::3, which was reserved for \(lost)\n")
    let left = try FileSystem.names(in: folder).filter { $0.contains("88") }.sorted()
    #expect(left == ["10.88.0.2", "fd00:88::2"])
    // What is left is still known to the plugin.
    try netctl.delete(name)
    #expect(try FileSystem.names(in: folder).filter { $0.contains("88") } == [])
  }

  @Test("a reserved address is given to nobody until it is released")
  func reserve() throws {
    #expect(try netctl.attempt("ipam", "reserve", "lab", "10.88.0.2", "--reason", "printer").text == "reserved 10.88.0.2 in network lab\n")
    #expect(
      try netctl.attempt("ipam", "reserve", "lab", "10.88.0.2").errors.contains("10.88.0.2 is reserved already, for reserved:printer"))
    let name = try netctl.add()
    #expect(try Command.run("ip -n \(name) -br addr show eth0").text.contains("10.88.0.3/16"))
    #expect(try netctl.attempt("ipam", "check").status == 0)
    let outside = try netctl.attempt("ipam", "reserve", "lab", "10.9.0.1")
    #expect(
      outside.status == 2 && outside.errors.contains("10.9.0.1: expected an address of network lab, which has 10.88.0.1-10.88.255.254"))
    #expect(try netctl.attempt("ipam", "release", "lab", "10.88.0.2").status == 0)
    #expect(try FileSystem.names(in: folder).filter { $0 == "10.88.0.2" } == [])
  }

  @Test("a range without a free address is a finding")
  func exhausted() throws {
    let configuration = #"{"cniVersion":"1.0.0","name":"tiny","type":"x","ipam":{"type":"host-local","subnet":"10.7.0.0/30"}}"#
    try FileSystem.replace("/run/conf/20-tiny.conf", content: Array(configuration.utf8))
    #expect(try netctl.attempt("ipam", "check", "tiny").status == 0)
    #expect(try netctl.attempt("ipam", "reserve", "tiny", "10.7.0.2").status == 0)
    let output = try netctl.attempt("ipam", "check", "tiny")
    #expect(output.status == 1 && output.text.contains("no address of 10.7.0.1-10.7.0.2 is left"), "\(output)")
  }
}
