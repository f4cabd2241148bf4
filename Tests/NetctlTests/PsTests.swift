import JSON
import TestSupport
import Testing

@Suite("netctl ps and enter", .networkNamespace)
struct PsTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  @Test("a container is shown with its owner, the host's side, its addresses and its ports")
  func container() throws {
    let name = try netctl.add("-p", "127.0.0.1:8080:80", "-p", "5353:53/udp")
    let found = try #require(try netctl.namespace(of: name))
    #expect(found["owner"] == ["kind": "cni", "id": .string(name), "name": .string(name)])
    let interface = found["interfaces"].elements[0]
    let inside = try Command.run("ip -j -n \(name) addr show eth0").json.elements[0]
    #expect(interface["name"] == "eth0" && interface["mac"] == inside["address"] && interface["mtu"] == inside["mtu"])
    #expect(interface["addresses"] == ["10.88.0.2/16", "fd00:88::2/64"])
    let port = try Command.run("ip -j link show master cni0").json.elements[0]
    #expect(interface["host_interface"] == port["ifname"] && interface["bridge"] == "cni0")
    let arrows = interface["ports"].elements.map { "\($0["host_address"].text) \($0["host_ports"].text) \($0["container_port"].text)" }
    #expect(arrows.sorted() == [#""0.0.0.0" [5353,5353] 53"#, #""127.0.0.1" [8080,8080] 80"#, #""::" [5353,5353] 53"#])
    let text = try netctl.attempt("ps").text.split(separator: "\n").first { $0.hasPrefix(name) }
    #expect(text?.contains("5353->53/udp, 127.0.0.1:8080->80/tcp") ?? false)
  }

  @Test("a namespace of a person has its name, and a link that lost its other end none")
  func bare() throws {
    try Command.run("ip netns add lab-1")
    try Command.run("ip link add v0 type veth peer name v1 netns lab-1")
    let joined = try #require(try netctl.namespace(of: "lab-1"))["interfaces"].elements[0]
    #expect(joined["host_interface"] == "v0" && joined["up"] == false)
    try Command.run("ip link add name far type veth peer name v2 netns lab-1")
    try Command.run("ip netns add lab-2")
    try Command.run("ip link set far netns lab-2")
    let interfaces = try #require(try netctl.namespace(of: "lab-1"))["interfaces"].elements
    #expect(interfaces.map { $0["host_interface"] } == ["v0", .null])
  }

  @Test("the ports of a table concern only containers of this host, whatever addresses others have")
  func otherHost() throws {
    _ = try netctl.add("-p", "8080:80")
    try Command.run("ip netns add twin")
    try Command.run("ip -n twin link add eth0 type veth peer name other")
    try Command.run("ip -n twin addr add 10.88.0.2/16 dev eth0")
    let interfaces = try #require(try netctl.namespace(of: "twin"))["interfaces"].elements
    #expect(interfaces.count == 2 && interfaces.allSatisfy { $0["ports"] == [] })
  }

  @Test("names that others have chosen cannot move the cursor")
  func hostileNames() throws {
    try Command.run("ip netns add lab")
    #expect(try Command.attempt(["ip", "-n", "lab", "link", "add", "a\u{1B}[2Jb", "type", "bridge"]).status == 0)
    let text = try netctl.attempt("ps").text
    #expect(!text.contains("\u{1B}") && text.contains("a\\u{1B}[2Jb"))
  }

  @Test("enter runs the host's tools in the container's network, with the command's exit status")
  func enter() throws {
    let name = try netctl.add()
    let output = try netctl.attempt("enter", String(name.prefix(12)), "--", "ip", "-j", "addr", "show", "eth0")
    #expect(try output.json[0]["addr_info"][0]["local"] == "10.88.0.2")
    #expect(try netctl.attempt("enter", name, "--", "sh", "-c", "exit 7").status == 7)
    let missing = try netctl.attempt("enter", name + "x", "--", "true")
    #expect(missing.status == 2 && missing.errors.contains("did you mean \(name)?"))
  }
}
