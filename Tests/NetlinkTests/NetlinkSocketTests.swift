import CLinux
import Linux
import Netlink
import TestSupport
import Testing

@Suite("Netlink sockets", .networkNamespace)
struct NetlinkSocketTests {
  @Test("a request is carried out and acknowledged")
  func performs() throws {
    var socket = try NetlinkSocket(.route)
    try socket.perform(bridge("br7"))
    #expect(try Command.run("ip -o link show br7").text.contains("br7"))
  }

  @Test("a refused request carries the kernel's number, our operation and the kernel's words")
  func explains() throws {
    var socket = try NetlinkSocket(.route)
    try socket.perform(bridge("br7"))
    #expect(throws: NetlinkError(.exists, "create bridge br7")) { try socket.perform(bridge("br7")) }
    var message = bridge("br8")
    message.attribute(IFLA_MTU, UInt32(2_000_000_000))
    let error = #expect(throws: NetlinkError.self) { try socket.perform(message) }
    #expect(error?.description == "create bridge br8: Invalid argument: mtu greater than device maximum")
  }

  @Test("requests in one call are all carried out, and the first failure is named")
  func manyRequests() throws {
    var socket = try NetlinkSocket(.route)
    let error = #expect(throws: NetlinkError.self) { try socket.perform([bridge("br1"), bridge("br1"), bridge("br2")]) }
    #expect(error == NetlinkError(.exists, "create bridge br1"))
    #expect(try Command.run("ip -o link").text.split(separator: "\n").count == 3)
  }

  @Test("a dump answers with every object, many datagrams long")
  func dumps() throws {
    try Command.run("ip -batch -", input: (0..<300).map { "link add d\($0) type bridge\n" }.joined())
    var socket = try NetlinkSocket(.route)
    var message = NetlinkMessage(RTM_GETLINK, .dump, operation: "list links")
    message.append(ifinfomsg())
    let names = try socket.dump(message) { (_, payload) throws(NetlinkError) in
      var name: String?
      payload.forEachAttribute(after: MemoryLayout<ifinfomsg>.size) { type, content in if type == Int(IFLA_IFNAME) { name = content.text } }
      return name
    }
    #expect(Set(names).count == 301)
  }

  @Test("events of a joined group arrive")
  func events() throws {
    var listener = try NetlinkSocket(.route, groups: [UInt32(RTNLGRP_LINK.rawValue)])
    try Command.run("ip link add seen type bridge")
    var names: [String] = []
    while !names.contains("seen"),
      try listener.receiveEvents(
        milliseconds: 60_000,
        { (_, payload) throws(NetlinkError) in
          payload.forEachAttribute(after: MemoryLayout<ifinfomsg>.size) { type, content in
            if type == Int(IFLA_IFNAME) { names.append(content.text) }
          }
        })
    {}
    #expect(names.contains("seen"))
  }

  private func bridge(_ name: String) -> NetlinkMessage {
    var message = NetlinkMessage(RTM_NEWLINK, [.create, .exclusive], operation: "create bridge \(name)")
    message.append(ifinfomsg())
    message.attribute(IFLA_IFNAME, name)
    message.nest(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "bridge") }
    return message
  }
}
