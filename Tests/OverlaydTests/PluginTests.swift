import Addresses
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("the overlay plugin", .networkNamespace)
struct PluginTests {
  @Test("asks to try again later while there is no lease")
  func noLease() throws {
    let segment = try Segment(hosts: 1)
    let container = try TestNamespace()
    #expect(try segment[1].plugin("ADD", in: container).json["code"].integer == 11)
    #expect(try segment[1].plugin("STATUS").json["code"].integer == 50)
    #expect(try segment[1].plugin("DEL", in: container).status == 0)
    #expect(try container.run { try Command.run("ip -br link").text.split(separator: "\n").count } == 1)
  }

  @Test("CHECK finds all well, and DEL removes what ADD made, also without overlayd")
  func wholeLife() throws {
    let segment = try Segment(hosts: 1)
    try segment.start()
    let container = try segment[1].attach("c1")
    #expect(try segment[1].plugin("CHECK", [("prevResult", container.result)], in: container.namespace).status == 0)
    segment[1].stop()
    try Command.run("rm -r \(segment[1].state.path)")
    #expect(try segment[1].plugin("DEL", in: container.namespace).status == 0)
    #expect(try segment[1].run("ip -br link show type veth").text.split(separator: "\n").count == 1)
    #expect(try FileSystem.names(in: "/run/host1/cni/lab").filter { $0.hasPrefix("10.") || $0.hasPrefix("fd") }.isEmpty)
  }

  @Test("works for a configuration of flannel's with the type changed")
  func flannel() throws {
    let segment = try Segment(hosts: 1)
    let text = "FLANNEL_NETWORK=10.77.0.0/16\nFLANNEL_SUBNET=10.77.5.1/24\nFLANNEL_MTU=1430\nFLANNEL_IPMASQ=true\n"
    try FileSystem.createFolders("/run/flannel")
    try FileSystem.replace("/run/flannel/subnet.env", content: Array(text.utf8))
    let container = try segment[1].attach("c1", [("delegate", ["hairpinMode": true, "isDefaultGateway": true, "bridge": "cni0"])])
    #expect(try container.address(.v4).hasPrefix("10.77.5."))
    let link = try container.namespace.run { try Command.run("ip -j link show eth0").json[0] }
    #expect(link["mtu"] == 1430)
    #expect(try segment[1].run("ip -br link show cni0").text.contains("UP"))
    #expect(try !segment[1].run("nft list ruleset").text.contains("masquerade_16 comment"))
  }

  @Test("refuses what the overlay is not, and addresses that are not its to choose")
  func refusals() throws {
    let segment = try Segment(hosts: 1)
    try segment.start()
    let container = try TestNamespace()
    let refusals: [([(String, JSONValue)], String)] = [
      ([("datapath", "host-gw")], "field datapath: expected vxlan, as overlayd has it"),
      ([("vni", 7)], "field vni: expected 1, as overlayd has it"),
      ([("datapath", "gre")], "field datapath: expected vxlan, host-gw, wireguard"), ([("vni", 0)], "field vni: expected 1 to 16777215"),
      ([("ipam", ["type": "dhcp"])], "field ipam.type: expected host-local"), ([("network", "a/b")], "field network: expected"),
      ([("ipam", ["type": "host-local", "subnet": "10.1.0.0/16"])], "field ipam.subnet: expected nothing"),
      ([("delegate", ["type": "macvlan"])], "field delegate.type: expected bridge"),
    ]
    for (members, message) in refusals {
      let output = try segment[1].plugin("ADD", members, in: container)
      #expect(try output.status == 1 && output.json["msg"].string.contains(message), "\(members): \(output)")
    }
  }

  @Test("publishes ports and passes the firewall with portmap and firewall chained")
  func chained() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    var list: JSONValue = ["cniVersion": "1.1.0", "name": "lab"]
    list = list.with(
      "plugins",
      .array([
        segment[1].network(),
        ["type": "portmap", "runtimeConfig": ["portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]]]],
        ["type": "firewall"],
      ]))
    let container = try TestNamespace()
    _ = try segment[1].namespace.run { try segment.runner.add(list: list, in: container) }
    let far = try segment[2].attach("c2")
    _ = try Conversation(from: segment[2].namespace, to: "192.0.2.1", 8080, server: container, 80)
    _ = try Conversation(from: far.namespace, to: "192.0.2.1", 8080, server: container, 80)
  }
}
