import Addresses
import Conntrack
import Linux
import Netlink
import TestSupport
import Testing

@Suite("The connection tracking table", .networkNamespace)
struct ConnectionTableTests {
  init() throws { try Command.run("ip link set lo up") }

  @Test("a connection is listed with both directions, its translation, zone and time")
  func lists() throws {
    try insert("-p tcp --state ESTABLISHED -s 192.0.2.9 -d 192.0.2.1 --sport 40000 --dport 8080 -g 10.1.0.2:80 --mark 7 -w 5")
    var table = try ConnectionTable()
    let found = try table.connections(matching: .to(port: 8080, .tcp, .v4))
    let connection = try #require(found.first)
    #expect(found.count == 1)
    #expect(connection.original == ConnectionTuple(from: address("192.0.2.9"), 40000, to: address("192.0.2.1"), 8080, protocolNumber: 6))
    #expect(connection.reply == ConnectionTuple(from: address("10.1.0.2"), 80, to: address("192.0.2.9"), 40000, protocolNumber: 6))
    #expect(connection.status.contains(.destinationTranslated) && !connection.status.contains(.sourceTranslated))
    #expect(connection.mark == 7 && connection.zone == 5 && (connection.timeout ?? 0) > 900)
    #expect(
      connection.description
        == "tcp 192.0.2.9:40000 → 192.0.2.1:8080, answered tcp 10.1.0.2:80 → 192.0.2.9:40000")
  }

  /// Every row: a filter, and the numbers of the connections below that it means.
  static let rows: [(filter: ConnectionFilter, means: Set<Int>)] = [
    (.to(port: 53, .udp, .v4), [0, 1, 2]),
    (.to(port: 53, .tcp, .v4), [3]),
    (.to(port: 53, .sctp, .v4), [4]),
    (.to(port: 53, .udp, .v6), [6, 7]),
    (.to(port: 53, .udp, .v4, at: address("192.0.2.1")), [0, 1]),
    (.to(port: 53, .udp, .v4, answeredBy: address("10.1.0.2")), [0]),
    (.to(port: 53, .udp, .v6, answeredBy: address("fd00:1::2")), [6]),
    (.to(port: 53, .udp, .v6, at: address("fd00::1")), [6, 7]),
    (ConnectionFilter(.v4, .sctp), [4, 5]),
    (ConnectionFilter(.v6, nil, original: .init(source: address("fd00::9"))), [6, 7, 8]),
    (ConnectionFilter(.v4, nil, original: .init(source: address("192.0.2.9"))), [0, 1, 2, 3, 4, 5, 9]),
    (ConnectionFilter(.v4, nil, reply: .init(source: address("10.1.0.2"))), [0]),
    (ConnectionFilter(.v4, nil, original: .init(destinationPort: 53)), [0, 1, 2, 3, 4]),
    (ConnectionFilter(.v4, .udp, reply: .init(sourcePort: 5353)), [0]),
    (ConnectionFilter(.v4, .udp, reply: .init(destination: address("192.0.2.9"), destinationPort: 41001)), [1]),
    (ConnectionFilter(.v4, .tcp, original: .init(source: address("10.1.0.2"))), []),
    (ConnectionFilter(.v4, .udp, original: .init(destination: address("fd00::1"))), []),
  ]

  @Test("a filter lists and removes what it means, by the kernel or one by one, and touches nothing else", arguments: rows.indices)
  func filters(row: Int) throws {
    let (filter, expected) = Self.rows[row]
    try insertAll()
    var table = try ConnectionTable()
    #expect(try Set(table.connections(matching: filter).map(number)) == expected)
    try table.remove([filter])
    #expect(try present(&table) == all.subtracting(expected))
    try insertAll(expected)
    try table.remove(filter) { _ in true }
    #expect(try present(&table) == all.subtracting(expected))
  }

  @Test("a host's connections in both directions")
  func ofHost() throws {
    try insertAll()
    var table = try ConnectionTable()
    try insert("-p udp -s 10.1.0.2 -d 198.51.100.7 --sport 5000 --dport 123")
    try table.remove(ConnectionFilter.of(address("10.1.0.2")))
    #expect(try present(&table) == all.subtracting([0]))
    #expect(try table.connections(matching: .to(port: 123, .udp, .v4)).isEmpty)
  }

  @Test("the status can be asked for: translated or not")
  func status() throws {
    for (port, extra) in [(42000, "-g 10.1.0.2:80"), (42001, "-n 192.0.2.7"), (42002, "")] {
      try insert("-p udp -s 192.0.2.9 -d 192.0.2.1 --sport \(port) --dport 53 \(extra)")
    }
    let ports = { (table: inout ConnectionTable) in
      try Set(table.connections(matching: .to(port: 53, .udp, .v4)).map { Int($0.original.sourcePort) - 42000 })
    }
    var table = try ConnectionTable(), untouched = ConnectionFilter.to(port: 53, .udp, .v4), redirected = untouched
    redirected.having = .destinationTranslated
    untouched.lacking = [.destinationTranslated, .sourceTranslated]
    #expect(try table.connections(matching: redirected).count == 1)
    #expect(try table.connections(matching: untouched).count == 1)
    try table.remove([redirected])
    #expect(try ports(&table) == [1, 2])
    try table.remove([untouched])
    #expect(try ports(&table) == [1])
  }

  @Test("any number of filters removes what one of them means", arguments: [2, 64, 65, 5000])
  func manyFilters(count: Int) throws {
    try insertAll()
    var table = try ConnectionTable()
    let filters = (0..<count).map { ConnectionFilter.to(port: UInt16(60000 - $0), .udp, .v4) }
    try table.remove(filters + [.to(port: 54, .udp, .v6), ConnectionFilter(.v4, .tcp), .to(port: 54, .sctp, .v4)])
    #expect(try present(&table) == all.subtracting([3, 5, 8]))
    try table.remove(filters + [ConnectionFilter(.v4, .udp, reply: .init(source: address("10.1.0.2")))])
    #expect(try present(&table) == all.subtracting([0, 3, 5, 8]))
  }

  @Test("of the connections that a filter means, those picked are removed")
  func picks() throws {
    try insertAll()
    var table = try ConnectionTable()
    try table.remove(ConnectionFilter(.v4, .udp)) { (50...60).contains($0.original.destinationPort) && $0.original.sourcePort != 41001 }
    #expect(try present(&table) == all.subtracting([0, 2]))
  }

  @Test("nothing to remove is no error, and a filter that names nothing is refused")
  func nothing() throws {
    var table = try ConnectionTable()
    try table.remove([.to(port: 53, .udp, .v4)])
    try insertAll()
    let error = #expect(throws: NetlinkError.self) { try table.remove([ConnectionFilter(.v4, .udp), ConnectionFilter(.v4)]) }
    #expect(error?.code == .invalid)
    #expect(try present(&table) == all)
  }

  @Test("a table of thousands of connections is read and filtered")
  func many() throws {
    let lines = (0..<3000).map {
      "-I -p udp -s 10.9.\($0 / 250).\($0 % 250 + 1) -d 192.0.2.1 --sport 1000 --dport \($0 % 2 == 0 ? 53 : 54) --timeout 900\n"
    }
    try Command.run("conntrack --load-file -", input: lines.joined())
    var table = try ConnectionTable()
    #expect(try table.connections(matching: .to(port: 53, .udp, .v4)).count == 1500)
    try table.remove([.to(port: 53, .udp, .v4)])
    #expect(try table.connections(matching: ConnectionFilter(.v4)).count == 1500)
    try table.remove(ConnectionFilter(.v4, .udp)) { $0.original.destinationPort == 54 }
    #expect(try table.connections(matching: ConnectionFilter(.v4)).isEmpty)
  }

  /// Connections by number; each has a source port of its own, 41000 + number.
  private let connections = [
    "-p udp -s 192.0.2.9 -d 192.0.2.1 --dport 53 -r 10.1.0.2 -q 192.0.2.9 --reply-port-src 5353 --reply-port-dst 41000",
    "-p udp -s 192.0.2.9 -d 192.0.2.1 --dport 53",
    "-p udp -s 192.0.2.9 -d 192.0.2.2 --dport 53",
    "-p tcp --state ESTABLISHED -s 192.0.2.9 -d 192.0.2.1 --dport 53",
    "-p sctp --state ESTABLISHED --orig-vtag 1 --reply-vtag 2 -s 192.0.2.9 -d 192.0.2.1 --dport 53",
    "-p sctp --state ESTABLISHED --orig-vtag 1 --reply-vtag 2 -s 192.0.2.9 -d 192.0.2.1 --dport 54",
    "-p udp -s fd00::9 -d fd00::1 --dport 53 -r fd00:1::2 -q fd00::9 --reply-port-src 53 --reply-port-dst 41006",
    "-p udp -s fd00::9 -d fd00::1 --dport 53",
    "-p udp -s fd00::9 -d fd00::1 --dport 54",
    "-p icmp -s 192.0.2.9 -d 192.0.2.1 --icmp-type 8 --icmp-code 0 --icmp-id 50",
  ]

  private var all: Set<Int> { Set(connections.indices) }

  private func insertAll(_ numbers: Set<Int>? = nil) throws {
    for number in numbers ?? all {
      let line = connections[number]
      try insert(line.contains("icmp") ? line : "\(line) --sport \(41000 + number)")
    }
  }

  private func insert(_ words: String) throws { try Command.run("conntrack -I \(words) --timeout 1000") }

  private func number(_ connection: Connection) -> Int {
    connection.original.protocolNumber == 1 ? 9 : Int(connection.original.sourcePort) - 41000
  }

  private func present(_ table: inout ConnectionTable) throws -> Set<Int> {
    try Set((table.connections(matching: ConnectionFilter(.v4)) + table.connections(matching: ConnectionFilter(.v6))).map(number))
  }
}

/// An address that the test itself wrote.
private func address(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
  return address
}
