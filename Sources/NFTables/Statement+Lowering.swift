import Addresses
import CLinux
import Glibc

extension Statement {
  /// The instructions for statements in their order. Where a header of one IP version is read, a table that sees other packets asks for the version first.
  static func lower(_ statements: [Statement], for family: Family) -> [Expression] {
    var expressions: [Expression] = []
    var known: IPAddress.Family? = family == .ipv4 ? .v4 : family == .ipv6 ? .v6 : nil
    for statement in statements {
      for version in statement.operands.compactMap(\.version) where version != known {
        expressions += Statement.matchFamily(version).expressions
        known = version
      }
      if case .match(.networkProtocol, .equal, .networkProtocol(let version)) = statement {
        if known == version { continue }
        known = version
      }
      expressions += statement.expressions
    }
    return expressions
  }

  private var operands: [Operand] {
    switch self {
    case .match(let operand, _, _), .matchNetwork(let operand, _, _), .matchRange(let operand, _, _, _), .matchName(let operand, _, _),
      .matchAnyBit(let operand, _):
      [operand]
    case .lookup(let operands, _, _), .verdictMap(let operands, _), .destinationFromMap(let operands, _, _, _): operands
    default: []
    }
  }

  private var expressions: [Expression] {
    let register = Register(word: 0)
    switch self {
    case .match(let operand, let comparison, let field):
      return operand.load(into: register) + [.compare(register, comparison, field.bytes)]
    case .matchNetwork(let operand, let network, let negated):
      let whole = network.prefixLength == network.family.bitCount
      let masked = whole ? operand : operand.masked(network.mask.bytes)
      return masked.load(into: register) + [.compare(register, negated ? .notEqual : .equal, network.networkAddress.bytes)]
    case .matchRange(let operand, let first, let last, let negated):
      if negated { return operand.load(into: register) + [.range(register, first.bytes, last.bytes, negated: true)] }
      return operand.load(into: register) + [.compare(register, .atLeast, first.bytes), .compare(register, .atMost, last.bytes)]
    case .matchName(let operand, let prefix, let negated):
      return operand.load(into: register) + [.compare(register, negated ? .notEqual : .equal, Array(prefix.utf8.prefix(15)))]
    case .matchAnyBit(let operand, let bits):
      return operand.masked(Fields.Field.mark(bits).bytes).load(into: register) + [.compare(register, .notEqual, [0, 0, 0, 0])]
    case .lookup(let operands, let set, let negated):
      return Statement.load(operands) + [.lookup(register, set: set, negated: negated)]
    case .verdictMap(let operands, let map): return Statement.load(operands) + [.verdictMap(register, map: map)]
    case .destinationFromMap(let operands, let map, let family, let withPort):
      let port = withPort ? Register(word: family.byteCount / 4) : nil
      return Statement.load(operands) + [
        .map(register, map: map, into: register), .translate(destination: true, ipv6: family == .v6, address: register, port: port),
      ]
    case .destination(let address, let port):
      let word = Register(word: 4)
      return [.immediate(address.bytes, into: register)] + (port.map { [.immediate(Fields.Field.port($0).bytes, into: word)] } ?? [])
        + [.translate(destination: true, ipv6: address.family == .v6, address: register, port: port.map { _ in word })]
    case .masquerade: return [.masquerade]
    case .counter: return [.counter(Counter())]
    case .setMark(let mark): return [.immediate(Fields.Field.mark(mark).bytes, into: register), .setMark(from: register)]
    case .limit(let rate, let unit, let burst, let over): return [.limit(rate: rate, unit: unit, burst: burst, over: over)]
    case .log(let prefix, let group): return [.log(prefix: prefix, group: group)]
    case .reject(let rejection):
      guard rejection == .tcpReset else { return [.reject(rejection)] }
      return Statement.match(.transportProtocol, .equal, .transportProtocol(UInt8(IPPROTO_TCP))).expressions + [.reject(rejection)]
    case .verdict(let verdict): return [.verdict(verdict)]
    }
  }

  /// Reads the fields of a key, each into the next free words.
  private static func load(_ operands: [Operand]) -> [Expression] {
    var word = 0
    var expressions: [Expression] = []
    for operand in operands {
      expressions += operand.load(into: Register(word: word))
      word += (operand.length + 3) / 4
    }
    return expressions
  }
}
