import Addresses
import Glibc
import NFTables
import Netlink
import TestSupport
import Testing

@Suite("Fields of keys")
struct FieldsTests {
  private static let types: [DataType] = [
    .networkProtocol, .ipv4Address, .ipv6Address, .etherAddress, .transportProtocol, .port, .mark, .interfaceName,
  ]

  private func random(_ type: DataType, _ generator: inout SystemRandomNumberGenerator) -> Fields.Field {
    switch type {
    case .networkProtocol: .networkProtocol(Bool.random(using: &generator) ? .v4 : .v6)
    case .ipv4Address: .address(IPAddress(.v4, UInt128(UInt32.random(in: 0 ... .max, using: &generator))))
    case .ipv6Address: .address(IPAddress(.v6, .random(in: 0 ... .max, using: &generator)))
    case .etherAddress: .etherAddress(MACAddress(value: .random(in: 0 ... .max, using: &generator)))
    case .transportProtocol: .transportProtocol(.random(in: 0 ... .max, using: &generator))
    case .port: .port(.random(in: 0 ... .max, using: &generator))
    case .mark: .mark(.random(in: 0 ... .max, using: &generator))
    case .interfaceName:
      .interface(String((1...Int.random(in: 1...15)).map { _ in "abcXYZ019.-_@:".randomElement(using: &generator) ?? "x" }))
    }
  }

  @Test("any fields are read back, and a single one is not padded, several are padded to four bytes each")
  func roundTrip() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      let types = (1...Int.random(in: 1...5)).map { _ in FieldsTests.types.randomElement(using: &generator) ?? .port }
      let fields = types.map { random($0, &generator) }
      let encoded = Fields(fields)
      #expect(encoded.fields(types) == fields)
      let lengths = types.map(\.byteCount)
      #expect(encoded.bytes.count == (types.count == 1 ? lengths[0] : lengths.reduce(0) { $0 + ($1 + 3) / 4 * 4 }))
      #expect(Fields(bytes: Array(encoded.bytes.dropLast(types.count == 1 ? 1 : 4))).fields(types) == nil)
    }
  }

  @Test("keys are encoded byte for byte as nft does")
  func golden() throws {
    let fields = Fields(.address(try #require(IPAddress("127.0.0.1"))), .transportProtocol(6), .port(8080))
    #expect(fields.bytes == [127, 0, 0, 1, 6, 0, 0, 0, 0x1F, 0x90, 0, 0])
    #expect(Fields(.port(80)).bytes == [0, 80])
    #expect(Fields(.interface("eth0"), .mark(1)).bytes == Array("eth0".utf8) + [UInt8](repeating: 0, count: 12) + [1, 0, 0, 0])
    #expect(fields.text([.ipv4Address, .transportProtocol, .port]) == "127.0.0.1 . tcp . 8080")
    #expect(Fields(.interface("a"), .mark(0xBEEF)).text([.interfaceName, .mark]) == "\"a\" . 0x0000beef")
  }
}

@Suite("Sets of any kind", .networkNamespace)
struct SetPropertyTests {
  @Test("random ranges and keys of one field are read back and printed as nft prints its own", arguments: 0..<10)
  func trees(round: Int) throws {
    let table = Table(.inet, "t"), set = NamedSet(table, "s", key: [.port], isInterval: true)
    // Ranges that do not touch: nft joins those that do when it prints them.
    let marks = Set((0..<40).map { _ in UInt16.random(in: 0...65535) }).sorted()
    var ranges: [ClosedRange<UInt16>] = [], next = 0
    while next + 1 < marks.count {
      if Bool.random(), marks[next + 1] - marks[next] > 1 {
        ranges.append(marks[next]...(marks[next + 1] - 2))
      } else if marks[next + 1] - marks[next] > 1 {
        ranges.append(marks[next]...marks[next])
      }
      next += 1
    }
    if Bool.random() { ranges.append(65535...65535) }
    ranges = ranges.enumerated().filter { $0.offset == 0 || ranges[$0.offset - 1].upperBound < $0.element.lowerBound - 1 }.map(\.element)
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(set)
    let elements = ranges.map { Element(Fields(.port($0.lowerBound)), through: Fields(.port($0.upperBound)), comment: "\($0)") }
    transaction.add(elements, to: set)
    var ruleset = try Ruleset()
    try ruleset.commit(transaction)
    #expect(try ruleset.elements(set) == elements)
    let ours = try Command.run("nft list set inet t s").text
    let words = ranges.map {
      ($0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)") + " comment \"\($0)\""
    }
    try Command.run("nft flush set inet t s")
    try Command.run("nft -f -", input: "add element inet t s { \(words.joined(separator: ", ")) }\n")
    #expect(try Command.run("nft list set inet t s").text == ours)
    let theirs = try ruleset.elements(set)
    #expect(theirs == elements)
    var removal = Transaction()
    removal.delete(theirs.filter { _ in Bool.random() }, from: set)
    try ruleset.commit(removal)
  }

  @Test("elements of every size fit into messages, however long their comments")
  func sizes() throws {
    let table = Table(.inet, "t")
    let set = NamedSet(
      table, "s", key: [.ipv6Address, .ipv6Address, .port], to: .fields([.ipv6Address, .port]), isInterval: true, hasCounters: true)
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(set)
    let elements = (1...1000).map { number in
      let address = IPAddress(.v6, UInt128(number) << 64)
      return Element(
        Fields(.address(address), .address(address), .port(1)), through: Fields(.address(address), .address(address), .port(9)),
        to: .fields(Fields(.address(address), .port(UInt16(number)))), comment: String(repeating: "x", count: number % 129))
    }
    transaction.add(elements, to: set)
    var ruleset = try Ruleset()
    try ruleset.commit(transaction)
    let found = try ruleset.elements(set)
    #expect(Set(found.map(\.key)) == Set(elements.map(\.key)))
    #expect(found.reduce(0) { $0 + ($1.comment?.utf8.count ?? 0) } == elements.reduce(0) { $0 + ($1.comment?.utf8.count ?? 0) })
  }

  @Test("texts that the kernel finds too long are refused by it, and do no harm before", arguments: [256, 5_000, 60_000, 200_000])
  func longTexts(length: Int) throws {
    let long = String(repeating: "x", count: length), table = Table(.inet, "t")
    let chain = Chain(table, "c"), set = NamedSet(table, "s", key: [.port], to: .verdict)
    let key = Fields(bytes: [UInt8](repeating: 1, count: length))
    let changes: [(inout Transaction) -> Void] = [
      { $0.add(Table(.inet, long, comment: long)) }, { $0.add(Chain(Table(.inet, long), long)) }, { $0.add(Chain(table, long)) },
      { $0.add(NamedSet(table, long, key: [.port])) }, { $0.add(Rule(chain, [.log(prefix: long)])) },
      { $0.add(Rule(chain, [.verdict(.jump(long))])) }, { $0.add(Rule(chain, [.lookup([.destinationPort], in: long)])) },
      { $0.add(Rule(chain, expressions: [.immediate(key.bytes, into: Register(word: 0))])) },
      { $0.add([Element(Fields(.port(1)), to: .verdict(.jump(long)))], to: set) }, { $0.add([Element(key, to: .verdict(.drop))], to: set) },
    ]
    var ruleset = try Ruleset()
    for change in changes {
      var transaction = Transaction()
      transaction.add(table)
      transaction.add(chain)
      transaction.add(set)
      change(&transaction)
      #expect(throws: NetlinkError.self) { try ruleset.commit(transaction) }
      #expect(throws: NetlinkError.self) { try ruleset.element(key, of: set) }
      #expect(try ruleset.chain(Chain(table, long)) == nil)
    }
    #expect(try ruleset.tables() == [])
  }
}
