import CLinux
import NFTables
import Netlink

/// The attributes of one expression, by their numbers.
struct ExpressionAttributes {
  private var contents: [Int: [UInt8]] = [:]

  init(_ content: RawSpan) { content.forEachAttribute { type, content in contents[type] = content.array } }

  /// An attribute's bytes.
  subscript(_ type: some RawRepresentable<UInt32>) -> [UInt8]? { contents[Int(type.rawValue)] }

  /// A number in network byte order.
  func number(_ type: some RawRepresentable<UInt32>) -> UInt32? {
    contents[Int(type.rawValue)].map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }

  /// A register's first word.
  func register(_ type: some RawRepresentable<UInt32>) -> Int? { number(type).flatMap { RuleExpression.word($0) } }

  func text(_ type: some RawRepresentable<UInt32>) -> String? {
    self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The value inside NFTA_DATA_VALUE.
  func value(_ type: some RawRepresentable<UInt32>) -> [UInt8]? {
    guard let data = self[type] else { return nil }
    var value: [UInt8]?
    data.span.bytes.forEachAttribute { type, content in
      if type == Int(NFTA_DATA_VALUE.rawValue) { value = content.array }
    }
    return value
  }

  /// The verdict inside NFTA_DATA_VERDICT.
  func verdict(_ type: some RawRepresentable<UInt32>) -> RuleExpression? {
    guard let data = self[type] else { return nil }
    var verdict: RuleExpression?
    data.span.bytes.forEachAttribute { type, content in
      if type == Int(NFTA_DATA_VERDICT.rawValue) { verdict = RuleExpression(verdict: content) }
    }
    return verdict
  }
}

extension RuleExpression {
  /// The word that a register begins at; nil for the verdict register.
  static func word(_ number: UInt32) -> Int? {
    if number == 0 { return nil }
    let first = UInt32(NFT_REG32_00.rawValue)
    return number >= first ? Int(number - first) : (Int(number) - 1) * 4
  }

  /// Reads the content of NFTA_DATA_VERDICT.
  init?(verdict content: RawSpan) {
    var code: Int32?, chain: String?
    content.forEachAttribute { type, content in
      switch type {
      case Int(NFTA_VERDICT_CODE.rawValue): code = content.load(Int32.self).map { Int32(bigEndian: $0) }
      case Int(NFTA_VERDICT_CHAIN.rawValue): chain = content.text
      default: break
      }
    }
    guard let code else { return nil }
    switch code {
    case NFT_JUMP.rawValue: self = .verdict(.jump(chain ?? ""))
    case NFT_GOTO.rawValue: self = .verdict(.goto(chain ?? ""))
    case NFT_RETURN.rawValue: self = .verdict(.return)
    case NFT_CONTINUE.rawValue: self = .verdict(.continue)
    default:
      switch code & 0xFF {
      case NF_DROP: self = .verdict(.drop)
      case NF_ACCEPT: self = .verdict(.accept)
      case NF_QUEUE: self = .queue
      default: self = .opaque("verdict \(code)")
      }
    }
  }

  /// Reads an element of NFTA_RULE_EXPRESSIONS: a name, and attributes that depend on it.
  init(name: String, _ data: RawSpan) {
    let attributes = ExpressionAttributes(data)
    self = RuleExpression.reading(name, attributes) ?? RuleExpression.acting(name, attributes) ?? .opaque(name)
  }

  private static func reading(_ name: String, _ data: ExpressionAttributes) -> RuleExpression? {
    switch name {
    case "payload":
      guard let into = data.register(NFTA_PAYLOAD_DREG) else { return .effectless("payload set") }
      return .payload(
        base: data.number(NFTA_PAYLOAD_BASE) ?? 0, offset: Int(data.number(NFTA_PAYLOAD_OFFSET) ?? 0),
        length: Int(data.number(NFTA_PAYLOAD_LEN) ?? 0), into: into)
    case "meta":
      let key = data.number(NFTA_META_KEY) ?? 0
      if let into = data.register(NFTA_META_DREG) { return .meta(key, into: into) }
      return data.register(NFTA_META_SREG).map { .setMeta(key, from: $0) }
    case "ct":
      let key = data.number(NFTA_CT_KEY) ?? 0
      if let into = data.register(NFTA_CT_DREG) { return .conntrack(key, into: into) }
      return data.register(NFTA_CT_SREG).map { .setConntrack(key, from: $0) }
    case "fib":
      return data.register(NFTA_FIB_DREG).map {
        .routing(result: data.number(NFTA_FIB_RESULT) ?? 0, flags: data.number(NFTA_FIB_FLAGS) ?? 0, into: $0)
      }
    case "immediate":
      if let verdict = data.verdict(NFTA_IMMEDIATE_DATA) { return verdict }
      guard let into = data.register(NFTA_IMMEDIATE_DREG), let value = data.value(NFTA_IMMEDIATE_DATA) else { return nil }
      return .immediate(value, into: into)
    case "cmp":
      guard let register = data.register(NFTA_CMP_SREG), let value = data.value(NFTA_CMP_DATA),
        let comparison = data.number(NFTA_CMP_OP).flatMap({ Expression.Comparison(rawValue: $0) })
      else { return nil }
      return .compare(register, comparison, value)
    case "range":
      guard let register = data.register(NFTA_RANGE_SREG), let from = data.value(NFTA_RANGE_FROM_DATA),
        let to = data.value(NFTA_RANGE_TO_DATA)
      else { return nil }
      return .range(register, from, to, negated: data.number(NFTA_RANGE_OP) == NFT_RANGE_NEQ.rawValue)
    case "bitwise":
      guard data.number(NFTA_BITWISE_OP) ?? 0 == 0, let from = data.register(NFTA_BITWISE_SREG),
        let into = data.register(NFTA_BITWISE_DREG), let mask = data.value(NFTA_BITWISE_MASK), let xor = data.value(NFTA_BITWISE_XOR)
      else { return nil }
      return .bitwise(from: from, into: into, mask: mask, xor: xor)
    case "byteorder":
      guard let from = data.register(NFTA_BYTEORDER_SREG), let into = data.register(NFTA_BYTEORDER_DREG) else { return nil }
      return .byteOrder(
        from: from, into: into, size: Int(data.number(NFTA_BYTEORDER_SIZE) ?? 4), length: Int(data.number(NFTA_BYTEORDER_LEN) ?? 4))
    case "lookup":
      guard let register = data.register(NFTA_LOOKUP_SREG), let set = data.text(NFTA_LOOKUP_SET) else { return nil }
      guard let target = data.number(NFTA_LOOKUP_DREG) else {
        return .lookup(register, set: set, negated: (data.number(NFTA_LOOKUP_FLAGS) ?? 0) & UInt32(NFT_LOOKUP_F_INV.rawValue) != 0)
      }
      return word(target).map { .map(register, map: set, into: $0) } ?? .verdictMap(register, map: set)
    default: return nil
    }
  }

  private static func acting(_ name: String, _ data: ExpressionAttributes) -> RuleExpression? {
    switch name {
    case "counter":
      return .counter(Counter(packets: data.large(NFTA_COUNTER_PACKETS), bytes: data.large(NFTA_COUNTER_BYTES)))
    case "limit":
      let over = (data.number(NFTA_LIMIT_FLAGS) ?? 0) & UInt32(NFT_LIMIT_F_INV.rawValue) != 0
      let units: [UInt64: String] = [1: "second", 60: "minute", 3600: "hour", 86_400: "day"], unit = data.large(NFTA_LIMIT_UNIT)
      return .limit("limit rate \(over ? "over " : "")\(data.large(NFTA_LIMIT_RATE))/\(units[unit] ?? "\(unit) s")")
    case "log": return .log(prefix: data.text(NFTA_LOG_PREFIX) ?? "")
    case "masq": return .translate(.masquerade, address: nil, port: data.register(NFTA_MASQ_REG_PROTO_MIN).map { .register($0) })
    case "redir": return .translate(.redirect, address: nil, port: data.register(NFTA_REDIR_REG_PROTO_MIN).map { .register($0) })
    case "nat":
      return .translate(
        data.number(NFTA_NAT_TYPE) == UInt32(NFT_NAT_DNAT.rawValue) ? .destination : .source,
        address: data.register(NFTA_NAT_REG_ADDR_MIN).map { .register($0) },
        port: data.register(NFTA_NAT_REG_PROTO_MIN).map { .register($0) })
    case "reject": return .reject(rejection(data.number(NFTA_REJECT_TYPE) ?? 0, data.number(NFTA_REJECT_ICMP_CODE) ?? 0))
    case "queue": return .queue
    case "match":
      guard let name = data.text(CompatibleAttribute.name), let content = data[CompatibleAttribute.content] else { return nil }
      return .compatibleMatch(name, revision: data.number(CompatibleAttribute.revision) ?? 0, CompatibleContent(content))
    case "target":
      guard let name = data.text(CompatibleAttribute.name), let content = data[CompatibleAttribute.content] else { return nil }
      return .compatibleTarget(name, revision: data.number(CompatibleAttribute.revision) ?? 0, CompatibleContent(content))
    case "notrack", "dup", "last", "dynset", "flow_offload", "objref": return .effectless(name)
    default: return nil
    }
  }

  /// ICMP codes that people meet; `nft_reject_types`.
  private static func rejection(_ type: UInt32, _ code: UInt32) -> String {
    if type == UInt32(NFT_REJECT_TCP_RST.rawValue) { return "reject with tcp reset" }
    let isAnyVersion = type == UInt32(NFT_REJECT_ICMPX_UNREACH.rawValue)
    let names: [UInt32: String] =
      isAnyVersion
      ? [0: "no-route", 1: "port-unreachable", 2: "host-unreachable", 3: "admin-prohibited"]
      : [
        0: "net-unreachable", 1: "host-unreachable", 2: "prot-unreachable", 3: "port-unreachable", 9: "net-prohibited",
        10: "host-prohibited",
        13: "admin-prohibited",
      ]
    return "reject with \(names[code] ?? "icmp code \(code)")"
  }
}

extension ExpressionAttributes {
  /// A number of 64 bits in network byte order; 0 if it is not there.
  fileprivate func large(_ type: some RawRepresentable<UInt32>) -> UInt64 { (self[type] ?? []).reduce(0) { $0 << 8 | UInt64($1) } }
}

/// NFTA_MATCH_ and NFTA_TARGET_ of `linux/netfilter/nf_tables_compat.h`, which are the same.
private enum CompatibleAttribute: UInt32 {
  case name = 1
  case revision = 2
  case content = 3
}
