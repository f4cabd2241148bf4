import Addresses
import Glibc
import NFTables

/// Reads the comparisons of a `Condition`.
struct ConditionParser {
  private let family: IPAddress.Family
  private var words: ArraySlice<String>

  init(_ text: String, _ family: IPAddress.Family) {
    self.family = family
    words = ConditionParser.words(text)[...]
  }

  /// All comparisons: alternatives, of each of which all parts have to hold.
  mutating func conditions() throws(ConditionError) -> [[Statement]] {
    var alternatives: [[Statement]] = [[]]
    repeat {
      let (assumed, compare) = try operand()
      let isNegated = take("!=")
      if !isNegated && !take("==") { _ = take("=") }
      let choices = try values(compare, isNegated)
      // Not one of a list: none of them. One of a list: another alternative for each.
      let next = isNegated ? [choices] : choices.map { [$0] }
      alternatives = alternatives.flatMap { before in next.map { before + assumed + $0 } }
      guard alternatives.count <= ConditionParser.limit else {
        throw ConditionError(word: words.first ?? "", expectation: "at most \(ConditionParser.limit) combinations of list members")
      }
    } while !words.isEmpty
    return alternatives
  }

  /// Each combination becomes a rule.
  private static let limit = 256

  private typealias Comparison = (_ value: String, _ isNegated: Bool) -> Statement?

  /// What is compared: what is assumed with it, and how a value is read.
  private mutating func operand() throws(ConditionError) -> ([Statement], Comparison) {
    let word = try next("ip, ip6, iifname, meta, ct, tcp, udp, sctp or th")
    switch word {
    case "ip" where family == .v4, "ip6" where family == .v6:
      let side = try next("saddr or daddr")
      guard side == "saddr" || side == "daddr" else { throw ConditionError(word: side, expectation: "saddr or daddr") }
      return ([], ConditionParser.address(side == "saddr" ? .source(family) : .destination(family), family))
    case "iifname": return ([], ConditionParser.interface)
    case "mark": return ([], ConditionParser.mark(.mark))
    case "meta":
      let key = try next("iifname, l4proto or mark")
      switch key {
      case "iifname": return ([], ConditionParser.interface)
      case "mark": return ([], ConditionParser.mark(.mark))
      case "l4proto": return ([], ConditionParser.transport)
      default: throw ConditionError(word: key, expectation: "iifname, l4proto or mark")
      }
    case "ct":
      let key = try next("mark")
      guard key == "mark" else { throw ConditionError(word: key, expectation: "mark") }
      return ([], ConditionParser.mark(.connectionMark))
    case "tcp", "udp", "sctp", "th":
      let side = try next("sport or dport")
      guard side == "sport" || side == "dport" else { throw ConditionError(word: side, expectation: "sport or dport") }
      let transport = TransportProtocol(rawValue: word).map { [Statement.match(.transportProtocol, .equal, .transportProtocol($0.number))] }
      return (transport ?? [], ConditionParser.port(side == "sport" ? .sourcePort : .destinationPort))
    default:
      throw ConditionError(word: word, expectation: "\(family == .v4 ? "ip" : "ip6"), iifname, meta, ct, tcp, udp, sctp or th")
    }
  }

  /// One value, or several in braces.
  private mutating func values(_ compare: Comparison, _ isNegated: Bool) throws(ConditionError) -> [Statement] {
    if !take("{") { return [try value(compare, isNegated)] }
    var choices: [Statement] = []
    repeat { choices.append(try value(compare, isNegated)) } while take(",") && words.first != "}"
    let end = try next("}")
    guard end == "}" else { throw ConditionError(word: end, expectation: "}") }
    return choices
  }

  private mutating func value(_ compare: Comparison, _ isNegated: Bool) throws(ConditionError) -> Statement {
    let word = try next("a value")
    guard let statement = compare(word, isNegated) else { throw ConditionError(word: word, expectation: "a value of that kind") }
    return statement
  }

  private mutating func next(_ expectation: String) throws(ConditionError) -> String {
    guard let word = words.popFirst() else { throw ConditionError(word: "", expectation: expectation) }
    return word
  }

  private mutating func take(_ word: String) -> Bool {
    guard words.first == word else { return false }
    words.removeFirst()
    return true
  }

  /// Splits at blanks and around marks.
  private static func words(_ text: String) -> [String] {
    var words: [String] = [], word = ""
    let finish = { (words: inout [String], word: inout String) in
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    for character in text {
      switch character {
      case " ", "\t": finish(&words, &word)
      case "{", "}", ",":
        finish(&words, &word)
        words.append(String(character))
      // The parts of != and == stay together.
      case "=" where word.isEmpty && (words.last == "=" || words.last == "!"): words[words.count - 1] += "="
      case "=", "!":
        finish(&words, &word)
        words.append(String(character))
      default: word.append(character)
      }
    }
    finish(&words, &word)
    return words
  }
}

extension ConditionParser {
  private static func address(_ operand: Operand, _ family: IPAddress.Family) -> Comparison {
    { value, isNegated in
      if let network = Subnet(value) { return network.family == family ? .matchNetwork(operand, network, negated: isNegated) : nil }
      if let (low, high) = ends(value, { IPAddress($0) }) {
        return low.family == family && high.family == family && low <= high
          ? .matchRange(operand, .address(low), .address(high), negated: isNegated) : nil
      }
      guard let address = IPAddress(value), address.family == family else { return nil }
      return .match(operand, isNegated ? .notEqual : .equal, .address(address))
    }
  }

  private static func port(_ operand: Operand) -> Comparison {
    { value, isNegated in
      if let (low, high) = ends(value, { number($0) as UInt16? }) {
        return low <= high ? .matchRange(operand, .port(low), .port(high), negated: isNegated) : nil
      }
      return (number(value) as UInt16?).map { .match(operand, isNegated ? .notEqual : .equal, .port($0)) }
    }
  }

  private static func interface(_ value: String, _ isNegated: Bool) -> Statement? {
    var name = value[...]
    if name.first == "\"" {
      guard name.count > 2, name.last == "\"" else { return nil }
      name = name.dropFirst().dropLast()
    }
    let isPrefix = name.last == "*"
    if isPrefix { name = name.dropLast() }
    guard (1...15).contains(name.utf8.count), !name.contains("\""), !name.contains("*"), !name.contains("/") else { return nil }
    if isPrefix { return .matchName(.inputInterface, prefix: String(name), negated: isNegated) }
    return .match(.inputInterface, isNegated ? .notEqual : .equal, .interface(String(name)))
  }

  private static func mark(_ operand: Operand) -> Comparison {
    { value, isNegated in
      let number: UInt32? = value.hasPrefix("0x") ? UInt32(value.dropFirst(2), radix: 16) : number(value)
      return number.map { .match(operand, isNegated ? .notEqual : .equal, .mark($0)) }
    }
  }

  private static func transport(_ value: String, _ isNegated: Bool) -> Statement? {
    let number = TransportProtocol(rawValue: value)?.number ?? number(value)
    return number.map { .match(.transportProtocol, isNegated ? .notEqual : .equal, .transportProtocol($0)) }
  }

  /// Both ends of `a-b`.
  private static func ends<Value>(_ text: String, _ read: (Substring) -> Value?) -> (Value, Value)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let low = read(parts[0]), let high = read(parts[1]) else { return nil }
    return (low, high)
  }

  /// Digits alone.
  private static func number<Number: FixedWidthInteger>(_ text: some StringProtocol) -> Number? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Number(text) : nil
  }
}
