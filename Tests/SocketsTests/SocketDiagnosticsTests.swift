import Addresses
import Glibc
import Linux
import Netlink
import Sockets
import TestSupport
import Testing

@Suite("Socket diagnostics", .networkNamespace)
struct SocketDiagnosticsTests {
  init() throws {
    try Command.run("ip link set lo up")
    try Command.run("ip addr add 192.0.2.1/24 dev lo")
  }

  @Test("a listener is found with its address, port, inode and user")
  func finds() throws {
    let socket = try TestSocket(.v4, .tcp, address("127.0.0.1"), 8080)
    var diagnostics = try SocketDiagnostics()
    let found = try diagnostics.listeners(.tcp, ports: [8080...8080])
    #expect(found.map(\.description) == ["tcp 127.0.0.1:8080"])
    #expect(try found.first.map { UInt64($0.inode) } == socket.file.identity().inode)
    #expect(found.first?.user == 0 && found.first?.interface == 0)
    #expect(try diagnostics.listeners(.udp, ports: [8080...8080]).isEmpty)
    #expect(try diagnostics.listeners(.tcp, ports: [8079...8079, 8081...8081]).isEmpty)
    #expect(try diagnostics.listeners(.tcp, ports: []).isEmpty)
  }

  @Test("an IPv6 socket takes IPv4 unless it says otherwise, and one on a mapped address counts as IPv4")
  func dualStack() throws {
    let open = try TestSocket(.v6, .tcp, address("::"), 81), only = try TestSocket(.v6, .tcp, address("::"), 82, onlyIPv6: true)
    let mapped = try TestSocket(.v6, .tcp, address("::ffff:192.0.2.1"), 83), local = try TestSocket(.v6, .tcp, address("::1"), 84)
    var diagnostics = try SocketDiagnostics()
    let found = try diagnostics.listeners(.tcp).sorted { $0.port < $1.port }
    #expect(found.map(\.description) == ["tcp [::]:81", "tcp [::]:82", "tcp 192.0.2.1:83", "tcp [::1]:84"])
    #expect(found.map(\.takesIPv4) == [true, false, false, false])
    withExtendedLifetime((open.file.descriptor, only.file.descriptor, mapped.file.descriptor, local.file.descriptor)) {}
  }

  @Test("a bound UDP socket waits, a connected one and one without a port do not")
  func udp() throws {
    let bound = try TestSocket(.v4, .udp, address("0.0.0.0"), 53), other = try TestSocket(.v4, .udp, address("127.0.0.1"), 54)
    try other.connect(address("127.0.0.1"), 53)
    let fresh = try TestSocket(.v4, .udp, nil, 0)
    var diagnostics = try SocketDiagnostics()
    #expect(try diagnostics.listeners(.udp).map(\.description) == ["udp 0.0.0.0:53"])
    withExtendedLifetime((bound.file.descriptor, fresh.file.descriptor)) {}
  }

  @Test("SCTP listeners, none where the kernel has no SCTP")
  func sctp() throws {
    var diagnostics = try SocketDiagnostics()
    guard let socket = try? TestSocket(.v4, .sctp, address("127.0.0.1"), 36412) else {
      return #expect(try diagnostics.listeners(.sctp).isEmpty)
    }
    #expect(try diagnostics.listeners(.sctp).map(\.port) == [36412])
    withExtendedLifetime(socket.file.descriptor) {}
  }

  @Test("any number of port ranges is compared", arguments: [1, 2, 3, 40, 64, 65, 200])
  func ranges(count: Int) throws {
    // One range is two ports wide and starts at every tenth port; in each gap one socket listens too.
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    for number in 0..<count {
      for port in [10, 11, 15] {
        sockets.append(try TestSocket(.v4, .tcp, address("127.0.0.1"), UInt16(2000 + number * 10 + port)).release())
      }
    }
    var diagnostics = try SocketDiagnostics()
    let starts = (0..<count).map { UInt16(2010 + $0 * 10) }
    let ranges = starts.shuffled().map { $0...($0 + 1) }
    let expected = ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    #expect(try Set(diagnostics.listeners(.tcp, ports: ranges).map(\.port)) == Set(expected))
    #expect(try diagnostics.listeners(.tcp).count == 3 * count)
  }

  @Test("ranges that touch, overlap or hold one another are one")
  func overlappingRanges() throws {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    for port: UInt16 in [99, 100, 105, 110, 111, 65535] {
      sockets.append(try TestSocket(.v4, .tcp, address("127.0.0.1"), port).release())
    }
    var diagnostics = try SocketDiagnostics()
    #expect(
      try Set(diagnostics.listeners(.tcp, ports: [106...110, 100...105, 101...102, 100...100, 65535...65535]).map(\.port)) == [
        100, 105, 110, 65535,
      ])
  }

  @Test(
    "addresses overlap when packets can reach the socket",
    arguments: [
      ("0.0.0.0", "0.0.0.0", true), ("0.0.0.0", "192.0.2.1", true), ("127.0.0.1", "0.0.0.0", true), ("127.0.0.1", "192.0.2.1", false),
      ("192.0.2.1", "192.0.2.1", true), ("0.0.0.0", "::", false), ("::", "0.0.0.0", true), ("::", "::", true), ("::", "192.0.2.1", true),
      ("::1", "0.0.0.0", false), ("::1", "::", true), ("::1", "::1", true), ("::ffff:127.0.0.1", "127.0.0.1", true),
      ("::ffff:127.0.0.1", "::", false),
    ])
  func overlap(bound: String, published: String, expected: Bool) throws {
    let bound = address(bound)
    let socket = try TestSocket(bound.family, .tcp, bound, 80)
    var diagnostics = try SocketDiagnostics()
    #expect(try diagnostics.listeners(.tcp).map { $0.overlaps(address(published)) } == [expected])
    withExtendedLifetime(socket.file.descriptor) {}
  }

  @Test("a socket for IPv6 alone leaves IPv4 to others")
  func onlyIPv6() throws {
    let socket = try TestSocket(.v6, .tcp, address("::"), 80, onlyIPv6: true)
    var diagnostics = try SocketDiagnostics()
    #expect(try diagnostics.listeners(.tcp).map { $0.overlaps(address("0.0.0.0")) } == [false])
    withExtendedLifetime(socket.file.descriptor) {}
  }

  @Test("whoever holds a socket is named: process, command, arguments")
  func owners() throws {
    let socket = try TestSocket(.v4, .tcp, address("127.0.0.1"), 80), unrelated = try TestSocket(.v4, .tcp, address("127.0.0.1"), 81)
    var diagnostics = try SocketDiagnostics()
    let listener = try #require(try diagnostics.listeners(.tcp, ports: [80...80]).first)
    let owners = try SocketOwner.holding([listener.inode])
    #expect(owners.map(\.process) == [getpid()])
    let command = try FileSystem.read("/proc/self/comm").filter { $0 != 10 }
    #expect(owners.first?.command == String(decoding: command, as: UTF8.self))
    #expect(owners.first?.arguments.isEmpty == false)
    #expect(owners.first?.description == "\(String(decoding: command, as: UTF8.self)) (process \(getpid()))")
    #expect(try SocketOwner.holding([]).isEmpty && SocketOwner.holding([0]).isEmpty)
    withExtendedLifetime((socket.file.descriptor, unrelated.file.descriptor)) {}
  }

  @Test("sockets of another namespace are not seen")
  func namespaces() throws {
    let container = try TestNamespace()
    let socket = try container.run { try TestSocket(.v4, .tcp, address("0.0.0.0"), 80).release() }
    defer { close(socket) }
    var here = try SocketDiagnostics()
    #expect(try here.listeners(.tcp).isEmpty)
    let inside = try container.run { () -> [Listener] in
      var there = try SocketDiagnostics()
      return try there.listeners(.tcp)
    }
    #expect(inside.map(\.port) == [80])
  }
}

/// An address that the test itself wrote.
private func address(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
  return address
}
