import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl map", .networkNamespace)
struct MapTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  private func nodes() throws -> [JSONValue] { try netctl.attempt("map", "--json").json["nodes"].elements }

  private func node(_ name: String) throws -> JSONValue { try #require(try nodes().first { $0["name"] == .string(name) }) }

  private func texts(_ value: JSONValue) -> [String] { value.elements.map { $0.string } }

  @Test("a container hangs on its bridge by its veth, with addresses and published ports")
  func container() throws {
    let name = try netctl.add("-p", "127.0.0.1:8080:80")
    let map = try netctl.attempt("map", "-o", "json").json
    let bridge = try #require(map["nodes"].elements.first { $0["name"] == "cni0" })
    let container = try #require(map["nodes"].elements.first { $0["name"] == .string(name) })
    #expect(bridge["type"] == "bridge" && texts(bridge["facts"]).prefix(2) == ["10.88.0.1/16", "fd00:88::1/64"])
    #expect(container["parent"] == bridge["id"] && texts(container["ports"]) == ["127.0.0.1:8080->80/tcp"])
    #expect(texts(container["facts"]).contains("eth0 10.88.0.2/16 fd00:88::2/64"))
    #expect(texts(container["facts"]).contains("leaves with the host's address"))
    let wire = try #require(map["wires"].elements.first { $0["to"] == container["id"] })
    let port = try Command.run("ip -j link show master cni0").json[0]["ifname"]
    #expect(wire["from"] == bridge["id"] && wire["name"] == port)
    let text = try netctl.attempt("map").text
    #expect(text.contains("─ \(name)  cni  eth0 10.88.0.2/16"), "\(text)")
  }

  @Test("a container on two bridges is drawn once, with both its wires")
  func twoNetworks() throws {
    let name = try netctl.add()
    try Command.run("ip link add br1 type bridge")
    try Command.run("ip link add v1 type veth peer name eth1 netns \(name)")
    try Command.run("ip link set v1 master br1")
    let map = try netctl.attempt("map", "--json").json
    let container = try #require(map["nodes"].elements.filter { $0["name"] == .string(name) }.first)
    #expect(map["nodes"].elements.filter { $0["name"] == .string(name) }.count == 1)
    let wires = map["wires"].elements.filter { $0["to"] == container["id"] }
    #expect(wires.count == 2, "\(map)")
    #expect(wires.contains { $0["name"] == "v1" && $0["interface"] == "eth1" })
  }

  @Test("VXLAN devices show the hosts that their forwarding tables name")
  func tunnel() throws {
    try Command.run("ip link add vx0 type vxlan id 42 dstport 8472 local 192.0.2.1 nolearning")
    #expect(texts(try node("vx0")["problems"]).contains("knows no other host: nothing leaves it"))
    try Command.run("bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.7")
    try Command.run("bridge fdb append 02:00:00:00:00:09 dev vx0 dst 192.0.2.9")
    let device = try node("vx0"), remote = try node("192.0.2.9")
    #expect(texts(device["facts"]).starts(with: ["VNI 42", "from 192.0.2.1", "UDP port 8472"]))
    #expect(remote["kind"] == "remote" && remote["parent"] == device["id"] && texts(remote["facts"]) == ["02:00:00:00:00:09"])
    #expect(texts(try node("192.0.2.7")["facts"]) == ["everything unknown"])
  }

  @Test("other hosts of an overlay are there with their networks, by VXLAN and without a tunnel")
  func overlayHosts() throws {
    try Command.run("ip link add ovl.1 type vxlan id 1 dstport 8472 local 192.0.2.1 nolearning")
    try Command.run("ip link set ovl.1 up")
    try Command.run("ip addr add 10.244.1.0/32 dev ovl.1")
    try Command.run("bridge fdb append 02:00:00:00:00:09 dev ovl.1 dst 192.0.2.9")
    try Command.run("ip neigh add 10.244.9.0 lladdr 02:00:00:00:00:09 dev ovl.1 nud permanent")
    try Command.run("ip route add 10.244.9.0/24 via 10.244.9.0 dev ovl.1 onlink proto 79")
    try Command.run("ip link add under type bridge")
    try Command.run("ip link set under up")
    try Command.run("ip addr add 192.0.2.1/24 dev under")
    try Command.run("ip route add 10.244.8.0/24 via 192.0.2.8 proto 79")
    try Command.run("ip route add 10.244.7.0/24 via 192.0.2.8 proto 79")
    // Not overlayd's.
    try Command.run("ip route add 10.9.0.0/16 via 192.0.2.10")
    let map = try netctl.attempt("map", "--json").json
    let remotes = map["nodes"].elements.filter { $0["kind"] == "remote" && $0["id"].string.hasPrefix("n0") }
    try #require(remotes.map { $0["name"] } == ["192.0.2.9", "192.0.2.8"], "\(map)")
    #expect(texts(remotes[0]["facts"]) == ["10.244.9.0/24", "02:00:00:00:00:09"] && remotes[0]["type"] == "VXLAN peer")
    #expect(Set(texts(remotes[1]["facts"])) == ["10.244.8.0/24", "10.244.7.0/24"] && remotes[1]["type"] == "overlay host")
    #expect(map["wires"].elements.contains { $0["to"] == remotes[1]["id"] && $0["name"] == "under" })
    #expect(try netctl.attempt("map").text.contains("192.0.2.8"))
  }

  @Test("what hangs loose is marked: wires, attachments, reserved addresses, others' firewalls, duplicate addresses")
  func orphans() throws {
    // First of all: ip-netns(8) mounts the folder of names over itself when it is first used.
    try Command.run("ip netns add lab")
    let name = try netctl.add(), lost = try netctl.add()
    try Command.run("ip link add v0 type veth peer name eth0 netns lab")
    #expect(texts(try node("lab")["problems"]).contains("v0 is joined to nothing on the host: no bridge, no address, no route"))
    try Command.run("ip link set v0 master cni0")
    #expect(!texts(try node("lab")["problems"]).contains { $0.contains("joined to nothing") })
    try Command.run("ip -n lab addr add 10.88.0.2/16 dev eth0")
    #expect(texts(try node("lab")["problems"]).contains("10.88.0.2 is also \(name)'s"))
    try netctl.lose(lost)
    try Command.run("nft add table ip other")
    try Command.run("nft add chain ip other FORWARD { type filter hook forward priority 0 ; policy drop ; }")
    let problems = texts(try nodes()[0]["problems"]) + texts(try node("cni0")["problems"])
    #expect(problems.contains("table ip other, chain FORWARD: policy drop"))
    #expect(problems.contains { $0.hasPrefix("container \(lost.prefix(20)) is on record in network lab") })
    #expect(problems.contains { $0.hasPrefix("10.88.0.3 is reserved in network lab for \(lost.prefix(20))") && $0.hasSuffix(" is gone") })
    #expect(!problems.contains { $0.hasPrefix("10.88.0.2 is reserved") })
  }

  @Test(
    "names that others have chosen break neither terminal, nor SVG, nor HTML, nor dot, nor JSON",
    arguments: ["a\u{1B}[2Jb", "</script><b>", "a\"b'c&d", "x\\N\\\"y", "]]><!--", "${7*7}"])
  func hostileNames(name: String) throws {
    try Command.run("ip netns add lab")
    let interface = String(name.replacing("/", with: "|").prefix(15))
    #expect(try Command.attempt(["ip", "-n", "lab", "link", "add", interface, "type", "bridge"]).status == 0)
    // The comment of a chain, and the record of an attachment, are others' words, too.
    try FileSystem.createFolders("/var/lib/cni/networks/\(interface)")
    try FileSystem.replace("/var/lib/cni/networks/\(interface)/10.1.1.1", content: Array("\(name)\r\neth0".utf8))
    for format in ["text", "svg", "html", "dot", "json"] {
      let output = try netctl.attempt("map", "-o", format)
      #expect(output.status == 0 && !output.text.contains("\u{1B}"), "\(format)")
      switch format {
      case "svg":
        // A parser of XML is stricter than browsers are.
        let check = try Command.attempt(
          ["python3", "-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)"], input: output.text)
        #expect(check.status == 0, "\(check)")
      case "html": #expect(output.text.components(of: "</script>") == 2 && output.text.components(of: "<b>") == 0)
      case "json": #expect(try output.json["nodes"].elements.contains { $0["name"] == .string(interface) })
      case "dot":
        let check = try Command.attempt(["dot", "-Tjson"], input: output.text)
        #expect(check.status == 0 && check.errors == "", "\(check)")
      default: break
      }
    }
  }

  @Test("the page can be searched, pointed at and filtered in a browser, runs no name as a script, and loads nothing else")
  func page() throws {
    guard let chromium = Command.find("chromium") else {
      print("not tested: the page of netctl map in a browser, because chromium is not installed; make setup installs it")
      return
    }
    let name = try netctl.add("-p", "8080:80")
    _ = try netctl.add()
    try Command.run("ip netns add lab")
    #expect(try Command.attempt(["ip", "-n", "lab", "link", "add", "<img|src=x>", "type", "bridge"]).status == 0)
    try FileSystem.replace("/run/map.html", content: Array(try netctl.attempt("map", "-o", "html").text.utf8))
    let id = try node(name)["id"].string
    let commands: JSONValue = [
      ["ask", "document.querySelectorAll('img').length"], ["ask", "document.querySelectorAll('tbody tr:not([hidden])').length"],
      ["click", "#search"], ["type", .string("8080 \(name)")],
      ["ask", "[...document.querySelectorAll('.box:not(.off)')].map(box => box.id).join()"],
      ["ask", "document.getElementById('count').textContent"], ["move", .string("#\(id) .name")],
      ["ask", "document.getElementById('details').innerText"], ["ask", "document.querySelectorAll('.wire.lit').length"],
      ["ask", "document.getElementById('search').value = ''; document.dispatchEvent(new Event('input'))"],
      ["click", "#filters input[data-type=cni]"], ["ask", .string("document.getElementById('\(id)').classList.contains('off')")],
      ["ask", "document.querySelectorAll('.box:not(.off)').length"], ["complaints", ""],
    ]
    let script = FileSystem.folder(of: FileSystem.folder(of: #filePath)) + "/Browser/page.py"
    let output = try Command.attempt(["python3", script, chromium, "/run/map.html"], input: commands.text)
    #expect(output.status == 0, "\(output)")
    let answers = output.text.split(separator: "\n").map(String.init)
    try #require(answers.count == commands.elements.count, "\(output)")
    // Namespaces of other tests come and go: how many there are, the page itself says.
    let count = Int(answers[1]) ?? 0
    #expect(answers[0] == "0" && count > 4)
    #expect(answers[4] == "\"\(id)\"" && answers[5] == "\"1 of \(count)\"")
    #expect(answers[7].contains(name) && answers[7].contains("8080->80/tcp") && answers[7].contains("wire veth"), "\(answers[7])")
    #expect(answers[8] == "2", "the wires from the host to the container: \(answers[8])")
    #expect(answers[11] == "true" && answers[12] == "\(count - 2)" && answers[13] == "[]", "\(answers)")
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
