import Addresses
import Linux
import Netlink
import Routing
import TestSupport
import Testing

@Suite("Addresses and routes", .networkNamespace)
struct AddressAndRouteTests {
  private func prepared() throws -> Int32 {
    try Command.run("ip link add veth0 type veth peer name veth1")
    for name in ["veth0", "veth1"] { try Command.run("ip link set \(name) up") }
    var socket = try RouteSocket()
    return try #require(try socket.link(named: "veth0")).index
  }

  private func subnet(_ text: String) throws -> Subnet { try #require(Subnet(text)) }
  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test("addresses of both families are set, usable at once, and read back")
  func addresses() throws {
    let index = try prepared()
    var socket = try RouteSocket()
    let wanted = try [
      InterfaceAddress(subnet("10.1.2.3/24"), linkIndex: index), InterfaceAddress(subnet("2001:db8::3/64"), linkIndex: index),
    ]
    try socket.perform(wanted.map { .newAddress($0, withoutDetection: true) })
    let found = try socket.addresses(linkIndex: index)
    #expect(found.contains { $0.address == wanted[0].address })
    #expect(found.contains { $0.address == wanted[1].address && !$0.isTentative })
    #expect(try Command.run("ip -o addr show veth0").text.contains("10.1.2.3/24 brd 10.1.2.255"))
    try socket.perform(.deleteAddress(wanted[0]))
    #expect(try !socket.addresses(linkIndex: index).contains { $0.address == wanted[0].address })
  }

  @Test("routes with every property are set and read back", arguments: ["10.9.0.0/16", "2001:db8:9::/48"])
  func routes(destination: String) throws {
    let index = try prepared()
    var socket = try RouteSocket()
    let isIPv4 = !destination.contains(":")
    let own = try subnet(isIPv4 ? "10.1.2.3/24" : "2001:db8::3/64"), gateway = try address(isIPv4 ? "10.1.2.1" : "2001:db8::1")
    try socket.perform(.newAddress(InterfaceAddress(own, linkIndex: index), withoutDetection: true))
    var route = Route(to: try subnet(destination), gateway: gateway, linkIndex: index)
    route.table = 1000
    route.priority = 77
    route.mtu = 1280
    route.advertisedMSS = 1200
    route.source = own.address
    try socket.perform(.newRoute(route))
    route.scope = 0
    #expect(try socket.routes(own.family, table: 1000) == [route])
    #expect(try Command.run("ip \(isIPv4 ? "-4" : "-6") route show table 1000").text.contains("advmss 1200"))
    try socket.perform(.deleteRoute(route))
    #expect(try socket.routes(own.family, table: 1000).isEmpty)
  }

  @Test("a route can have several next hops", arguments: ["10.1.2", "2001:db8:"])
  func multipath(prefix: String) throws {
    let index = try prepared(), isIPv4 = !prefix.contains(":"), separator = isIPv4 ? "." : ":"
    var socket = try RouteSocket()
    try socket.perform(
      .newAddress(InterfaceAddress(try subnet("\(prefix)\(separator)3/\(isIPv4 ? 24 : 64)"), linkIndex: index), withoutDetection: true))
    var route = Route(to: try subnet(isIPv4 ? "0.0.0.0/0" : "::/0"))
    route.hops = try [1, 2].map { Route.Hop(gateway: try address("\(prefix)\(separator)\($0)"), linkIndex: index) }
    try socket.perform(.newRoute(route))
    let found = try socket.routes(route.destination.family).filter { $0.destination.isDefault }
    #expect(found.flatMap(\.hops) == route.hops)
  }

  @Test("the route to an address is looked up, and none is nil")
  func lookUp() throws {
    let index = try prepared()
    var socket = try RouteSocket()
    #expect(try socket.route(to: address("10.1.2.9")) == nil)
    try socket.perform(.newAddress(InterfaceAddress(try subnet("10.1.2.3/24"), linkIndex: index)))
    #expect(try socket.route(to: address("10.1.2.9"))?.linkIndex == index)
  }

  @Test("a quick removal returns when the link is gone", arguments: [false, true])
  func quickRemoval(alreadyGone: Bool) throws {
    try Command.run("ip link add veth0 type veth peer name veth1")
    var socket = try RouteSocket()
    let link = try #require(try socket.link(named: "veth0"))
    if alreadyGone { try Command.run("ip link del veth0") }
    try socket.removeQuickly(link)
    #expect(try Command.run("ip -o link").text.split(separator: "\n").count == 1)
  }
}
