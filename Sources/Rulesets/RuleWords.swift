import CLinux
public import NFTables

/// Says what a rule does, nearly as nft(8) writes it, but the same for rules of nft and of iptables.
struct RuleWords {
  /// What a register holds, in words.
  private struct Operand {
    var text: String
    var type: UInt32
    var mask: [UInt8]?
    var constant: [UInt8]?
    var byteCount: Int
  }

  private let view: RulesetView?
  private let table: Table
  private var operands: [Int: Operand] = [:]
  private var words: [String] = []
  private var transport: String?

  init(_ view: RulesetView?, _ table: Table) {
    self.view = view
    self.table = table
  }

  mutating func text(_ rule: RuleView) -> String {
    for expression in rule.expressions { say(expression) }
    // Which version of IP it is, nft(8) leaves out where an address says it.
    let saysVersion = words.contains { $0.hasPrefix("ip ") || $0.hasPrefix("ip6 ") }
    return words.filter { !$0.isEmpty && !(saysVersion && $0.hasPrefix("meta nfproto ")) }.joined(separator: " ")
  }

  private mutating func say(_ expression: RuleExpression) {
    switch expression {
    case .payload(let base, let offset, let length, let into): operands[into] = payload(base, offset, length)
    case .meta(let key, let into): operands[into] = RuleWords.meta(key)
    case .conntrack(let key, let into): operands[into] = RuleWords.conntrack(key)
    case .routing(let result, let flags, let into):
      let address = flags & NFTA_FIB_F_SADDR.rawValue != 0 ? "saddr" : "daddr"
      operands[into] =
        result == NFT_FIB_RESULT_ADDRTYPE.rawValue
        ? Operand(text: "fib \(address) type", type: RuleWords.routeType, byteCount: 4)
        : Operand(text: "fib \(address) oif", type: 0, byteCount: 4)
    case .immediate(let value, let into): operands[into] = Operand(text: "", type: 0, constant: value, byteCount: value.count)
    case .bitwise(let from, let into, let mask, _):
      var operand = operands[from] ?? Operand(text: "?", type: 0, byteCount: mask.count)
      operand.mask = mask
      operands[into] = operand
    case .byteOrder(let from, let into, _, _): operands[into] = operands[from]
    case .compare(let register, let comparison, let value): compare(register, comparison, value)
    case .range(let register, let from, let to, let negated):
      let operand = operands[register] ?? Operand(text: "?", type: 0, byteCount: from.count)
      words.append("\(operand.text)\(negated ? " !=" : "") \(NFTType.text(from, operand.type))-\(NFTType.text(to, operand.type))")
    case .lookup(let register, let name, let negated):
      words.append("\(keyText(register, name))\(negated ? " !=" : "") \(setText(name))")
    case .map(let register, let name, let into):
      operands[into] = Operand(text: "\(keyText(register, name)) map \(setText(name))", type: 0, byteCount: 4)
    case .verdictMap(let register, let name): words.append("\(keyText(register, name)) vmap \(setText(name))")
    case .match(let match): words.append(matchText(match))
    default: words.append(actionText(expression))
    }
  }

  private func actionText(_ expression: RuleExpression) -> String {
    switch expression {
    case .limit(let text), .effectless(let text), .reject(let text): text
    case .log: "log"
    case .setMeta(let key, let from): "\(RuleWords.meta(key).text) set \(valueText(from, NFTType.mark))"
    case .setConntrack(let key, let from): "\(RuleWords.conntrack(key).text) set \(valueText(from, NFTType.mark))"
    case .changeMark(let value, let mask):
      mask == .max
        ? "meta mark set 0x\(String(value, radix: 16))" : "meta mark set 0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))"
    case .translate(let kind, let address, let port): translationText(kind, address, port)
    case .verdict(let verdict): verdict.description
    case .queue: "queue"
    case .opaque(let name): "(\(name)?)"
    default: ""
    }
  }

  private mutating func compare(_ register: Int, _ comparison: Expression.Comparison, _ value: [UInt8]) {
    let operand = operands[register] ?? Operand(text: "?", type: 0, byteCount: value.count)
    let sign = ["", "!= ", "< ", "<= ", "> ", ">= "][Int(comparison.rawValue)]
    let isZero = value.allSatisfy { $0 == 0 }
    if let mask = operand.mask, isZero, operand.type == NFTType.state || operand.type == RuleWords.status {
      let bits = UInt32(truncatingIfNeeded: NFTType.hostNumber(mask))
      let names = operand.type == NFTType.state ? NFTType.stateNames(bits) : RuleWords.statusNames(bits)
      words.append("\(operand.text) \(comparison == .notEqual ? "" : "!= ")\(names)")
      return
    }
    if operand.text == "meta l4proto", comparison == .equal { transport = NFTType.text(value, NFTType.transport) }
    words.append("\(operand.text) \(sign)\(comparedText(operand, value))")
  }

  private func comparedText(_ operand: Operand, _ value: [UInt8]) -> String {
    switch operand.type {
    case NFTType.ipv4, NFTType.ipv6:
      // A network is compared by fewer bytes, or by all of them behind a mask.
      let full = operand.type == NFTType.ipv4 ? 4 : 16
      let address = value + [UInt8](repeating: 0, count: max(0, full - value.count))
      let bits = operand.mask.map { $0.reduce(0) { $0 + $1.nonzeroBitCount } } ?? value.count * 8
      return NFTType.text(address, operand.type) + (bits == full * 8 ? "" : "/\(bits)")
    case RuleWords.routeType: return NFTType.routeTypeName(UInt32(truncatingIfNeeded: NFTType.hostNumber(value)))
    case RuleWords.status: return RuleWords.statusNames(UInt32(truncatingIfNeeded: NFTType.hostNumber(value)))
    default:
      let mask = operand.mask.map { "& \(NFTType.text($0, operand.type)) == " } ?? ""
      return mask + NFTType.text(value, operand.type)
    }
  }

  private func keyText(_ register: Int, _ name: String) -> String {
    let types = view?.set(table, name)?.keyTypes ?? [0]
    var word = register
    return types.map { type in
      let operand = operands[word]
      word += (max(NFTType.byteCount(type), operand?.byteCount ?? 0) + 3) / 4
      return operand.map { $0.mask == nil ? $0.text : "\($0.text) & …" } ?? "?"
    }.joined(separator: " . ")
  }

  private func setText(_ name: String) -> String {
    guard let set = view?.set(table, name), set.isAnonymous else { return "@\(name)" }
    let shown = set.elements.prefix(8).map { element -> String in
      let key = NFTType.text(element.key, set.keyTypes)
      let range = element.last == element.key ? key : "\(key)-\(NFTType.text(element.last, set.keyTypes))"
      if let verdict = element.verdict { return "\(range) : \(verdict)" }
      return element.value.map { "\(range) : \(NFTType.text($0, set.valueTypes))" } ?? range
    }
    return "{ \(shown.joined(separator: ", "))\(set.elements.count > 8 ? ", …" : "") }"
  }

  private func valueText(_ register: Int, _ type: UInt32) -> String {
    guard let operand = operands[register] else { return "?" }
    return operand.constant.map { NFTType.text($0, type) } ?? operand.text
  }

  private func translationText(_ kind: RuleExpression.Translation, _ address: RuleExpression.Source?, _ port: RuleExpression.Source?)
    -> String
  {
    let verb = [RuleExpression.Translation.destination: "dnat to", .source: "snat to", .masquerade: "masquerade", .redirect: "redirect"][
      kind]
    let isIPv6: Bool
    switch address {
    case .register(let word)?: isIPv6 = operands[word]?.constant?.count == 16
    default: isIPv6 = table.family == .ipv6
    }
    let type = isIPv6 ? NFTType.ipv6 : NFTType.ipv4
    let text = { (source: RuleExpression.Source, type: UInt32) -> String in
      switch source {
      case .register(let word): valueText(word, type)
      case .constant(let bytes): NFTType.text(bytes, type)
      }
    }
    var words = verb ?? ""
    if let address { words += " " + (isIPv6 && port != nil ? "[\(text(address, type))]" : text(address, type)) }
    if let port {
      let value = text(port, NFTType.port)
      // A map gives address and port together.
      if value != "?" { words += address == nil ? " to :\(value)" : ":\(value)" }
    }
    return words
  }

  private mutating func matchText(_ match: PacketMatch) -> String {
    let not = { (negated: Bool) in negated ? "!= " : "" }
    switch match {
    case .states(let bits, let negated): return "ct state \(not(negated))\(NFTType.stateNames(bits))"
    case .status(let bits, let negated): return "ct status \(not(negated))\(RuleWords.statusNames(bits))"
    case .addressType(let source, let destination, let sourceNegated, let destinationNegated):
      let names = { (bits: UInt16) in
        (0..<12).filter { bits & 1 << UInt16($0) != 0 }.map { NFTType.routeTypeName(UInt32($0)) }.joined(separator: ",")
      }
      return [
        source.map { "fib saddr type \(not(sourceNegated))\(names($0))" },
        destination.map { "fib daddr type \(not(destinationNegated))\(names($0))" },
      ].compactMap { $0 }.joined(separator: " ")
    case .ports(let ports, let negated):
      let text = { (ranges: [ClosedRange<UInt16>]) -> String in
        let list = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return list.count == 1 ? list[0] : "{ \(list.joined(separator: ", ")) }"
      }
      switch ports {
      case .source(let ranges): return "\(takeTransport()) sport \(not(negated))\(text(ranges))"
      case .destination(let ranges): return "\(takeTransport()) dport \(not(negated))\(text(ranges))"
      case .either(let ranges): return "\(takeTransport()) port \(not(negated))\(text(ranges))"
      }
    case .flags(_, let compared, let negated):
      return "tcp flags \(not(negated))\(compared == 2 ? "syn" : "0x\(String(compared, radix: 16))")"
    case .mark(let value, let mask, let negated): return "meta mark \(not(negated))\(RuleWords.markText(value, mask))"
    case .connectionMark(let value, let mask, let negated): return "ct mark \(not(negated))\(RuleWords.markText(value, mask))"
    case .bridgePorts(let input, let output):
      return [input.map { "bridge port in \($0)" }, output.map { "bridge port out \($0)" }].compactMap { $0 }.joined(separator: " ")
    case .icmp: return "icmp"
    }
  }

  /// The protocol that has been compared before, whose words are taken back.
  private mutating func takeTransport() -> String {
    guard let transport else { return "th" }
    words.removeAll { $0 == "meta l4proto \(transport)" }
    return transport
  }

  private mutating func payload(_ base: UInt32, _ offset: Int, _ length: Int) -> Operand {
    let isIPv6 = table.family == .ipv6
    switch (base, offset) {
    case (1, 12) where length <= 4 && !isIPv6: return Operand(text: "ip saddr", type: NFTType.ipv4, byteCount: length)
    case (1, 16) where length <= 4 && !isIPv6: return Operand(text: "ip daddr", type: NFTType.ipv4, byteCount: length)
    case (1, 12) where length == 8: return Operand(text: "ip saddr . ip daddr", type: 0, byteCount: length)
    case (1, 8) where length > 1: return Operand(text: "ip6 saddr", type: NFTType.ipv6, byteCount: length)
    case (1, 24): return Operand(text: "ip6 daddr", type: NFTType.ipv6, byteCount: length)
    case (1, 9) where length == 1 && !isIPv6, (1, 6) where length == 1 && isIPv6:
      return Operand(text: "meta l4proto", type: NFTType.transport, byteCount: 1)
    case (2, 0) where length == 2: return Operand(text: "\(takeTransport()) sport", type: NFTType.port, byteCount: 2)
    case (2, 2) where length == 2: return Operand(text: "\(takeTransport()) dport", type: NFTType.port, byteCount: 2)
    case (2, 13) where length == 1: return Operand(text: "tcp flags", type: 0, byteCount: 1)
    case (0, 12) where length == 2: return Operand(text: "ether type", type: 0, byteCount: 2)
    case (0, 6): return Operand(text: "ether saddr", type: NFTType.ethernet, byteCount: length)
    case (0, 0): return Operand(text: "ether daddr", type: NFTType.ethernet, byteCount: length)
    default: return Operand(text: "@\(base == 0 ? "ll" : base == 1 ? "nh" : "th"),\(offset * 8),\(length * 8)", type: 0, byteCount: length)
    }
  }

  private static let routeType: UInt32 = 10_001
  private static let status: UInt32 = 10_002

  private static func meta(_ key: UInt32) -> Operand {
    switch key {
    case NFT_META_MARK.rawValue: Operand(text: "meta mark", type: NFTType.mark, byteCount: 4)
    case NFT_META_IIF.rawValue: Operand(text: "iif", type: 10_003, byteCount: 4)
    case NFT_META_OIF.rawValue: Operand(text: "oif", type: 10_003, byteCount: 4)
    case NFT_META_IIFNAME.rawValue: Operand(text: "iifname", type: NFTType.interface, byteCount: 16)
    case NFT_META_OIFNAME.rawValue: Operand(text: "oifname", type: NFTType.interface, byteCount: 16)
    case NFT_META_NFPROTO.rawValue: Operand(text: "meta nfproto", type: NFTType.networkProtocol, byteCount: 1)
    case NFT_META_L4PROTO.rawValue: Operand(text: "meta l4proto", type: NFTType.transport, byteCount: 1)
    case NFT_META_PROTOCOL.rawValue: Operand(text: "meta protocol", type: 0, byteCount: 2)
    case NFT_META_PKTTYPE.rawValue: Operand(text: "pkttype", type: 0, byteCount: 1)
    case NFT_META_SKUID.rawValue: Operand(text: "skuid", type: 10_003, byteCount: 4)
    case NFT_META_NFTRACE.rawValue: Operand(text: "nftrace", type: 10_003, byteCount: 1)
    default: Operand(text: "meta \(key)", type: 0, byteCount: 4)
    }
  }

  private static func conntrack(_ key: UInt32) -> Operand {
    switch key {
    case NFT_CT_STATE.rawValue: Operand(text: "ct state", type: NFTType.state, byteCount: 4)
    case NFT_CT_STATUS.rawValue: Operand(text: "ct status", type: status, byteCount: 4)
    case NFT_CT_MARK.rawValue: Operand(text: "ct mark", type: NFTType.mark, byteCount: 4)
    case NFT_CT_DIRECTION.rawValue: Operand(text: "ct direction", type: 0, byteCount: 1)
    default: Operand(text: "ct \(key)", type: 0, byteCount: 4)
    }
  }

  /// IPS_ of `linux/netfilter/nf_conntrack_common.h`.
  private static func statusNames(_ bits: UInt32) -> String {
    let names = [(UInt32(1), "expected"), (2, "seen-reply"), (4, "assured"), (8, "confirmed"), (16, "snat"), (32, "dnat")]
    return names.filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ",")
  }

  private static func markText(_ value: UInt32, _ mask: UInt32) -> String {
    mask == .max ? "0x\(String(value, radix: 16))" : "0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))"
  }
}

extension RulesetView {
  /// What a rule of a table does, in one line, without counters and comments.
  public func words(_ rule: RuleView, in table: Table) -> String {
    var words = RuleWords(self, table)
    return words.text(rule)
  }
}
