import Addresses
import CLinux
import NFTables

/// One rule with one packet.
struct RuleRun {
  /// What a rule says.
  enum Result: Equatable {
    case mismatch
    case matched
    case verdict(Verdict)
    case ended(Evaluation.Outcome)
    case translated(Evaluation.Effect)
  }

  private let view: RulesetView
  private let chain: ChainView
  private var registers = Registers()
  /// The packet with what the rule changed.
  private(set) var packet: Packet
  /// Whether everything that had to be compared could be.
  private(set) var isCertain = true

  init(_ view: RulesetView, _ chain: ChainView, _ packet: Packet) {
    self.view = view
    self.chain = chain
    self.packet = packet
  }

  mutating func run(_ rule: RuleView) -> Result {
    for expression in rule.expressions {
      if let result = step(expression) { return result }
    }
    return .matched
  }

  /// Nil means: on with the next expression.
  private mutating func step(_ expression: RuleExpression) -> Result? {
    switch expression {
    case .payload, .meta, .conntrack, .routing, .immediate, .bitwise, .byteOrder:
      load(expression)
      return nil
    case .setMeta(let key, let source):
      if key == NFT_META_MARK.rawValue, let value = registers.known(source, 4) {
        packet.mark = UInt32(truncatingIfNeeded: NFTType.hostNumber(value))
      }
      return nil
    case .setConntrack(let key, let source):
      if key == NFT_CT_MARK.rawValue, let value = registers.known(source, 4) {
        packet.connectionMark = UInt32(truncatingIfNeeded: NFTType.hostNumber(value))
      }
      return nil
    case .compare, .range, .lookup, .match: return require(holds(expression))
    case .map(let register, let name, let target): return map(register, name, target)
    case .verdictMap(let register, let name):
      guard let set = view.set(chain.table, name), let key = registers.known(register, set.keyLength) else { return doubt() }
      guard let verdict = set.element(for: key)?.verdict else { return .mismatch }
      return .verdict(verdict)
    case .counter, .log, .note, .effectless: return nil
    // One packet is below every rate.
    case .limit(let words): return words.contains("over") ? .mismatch : nil
    case .changeMark(let value, let mask):
      packet.mark = (packet.mark & ~mask) ^ value
      return nil
    case .translate(let kind, let address, let port): return translate(kind, address, port)
    case .reject(let words): return .ended(.rejected(words))
    case .verdict(let verdict): return .verdict(verdict)
    case .queue: return .ended(.queued)
    case .opaque: return doubt()
    }
  }

  private mutating func doubt() -> Result? {
    isCertain = false
    return nil
  }

  private mutating func require(_ holds: Bool?) -> Result? {
    guard let holds else { return doubt() }
    return holds ? nil : .mismatch
  }

  private mutating func load(_ expression: RuleExpression) {
    switch expression {
    case .payload(let base, let offset, let length, let into):
      let header = packet.header(base)
      registers.write((0..<length).map { header.indices.contains(offset + $0) ? header[offset + $0] : nil }, at: into)
    case .meta(let key, let into): registers.write(packet.meta(key), at: into)
    case .conntrack(let key, let into): registers.write(packet.conntrack(key), at: into)
    case .routing(let result, let flags, let into): registers.write(packet.routing(result, flags), at: into)
    case .immediate(let value, let into): registers.write(value, at: into)
    case .bitwise(let from, let into, let mask, let xor):
      let value = registers.read(from, mask.count).enumerated().map { position, byte -> UInt8? in
        // Where the mask has no bits, the value does not matter.
        mask[position] == 0 ? xor[position] : byte.map { $0 & mask[position] ^ xor[position] }
      }
      registers.write(value, at: into)
    case .byteOrder(let from, let into, let size, let length):
      let value = registers.read(from, length)
      let turned = stride(from: 0, to: length, by: max(size, 1)).flatMap { value[$0..<min($0 + size, length)].reversed() }
      registers.write(turned, at: into)
    default: break
    }
  }

  private func holds(_ expression: RuleExpression) -> Bool? {
    switch expression {
    case .compare(let register, let comparison, let value):
      guard let own = registers.known(register, value.count) else {
        // A byte that differs is enough.
        let differs = zip(registers.read(register, value.count), value).contains { $0 != nil && $0 != $1 }
        return differs && comparison == .equal ? false : differs && comparison == .notEqual ? true : nil
      }
      switch comparison {
      case .equal: return own == value
      case .notEqual: return own != value
      case .less: return own.lexicographicallyPrecedes(value)
      case .atMost: return !value.lexicographicallyPrecedes(own)
      case .greater: return value.lexicographicallyPrecedes(own)
      case .atLeast: return !own.lexicographicallyPrecedes(value)
      }
    case .range(let register, let from, let to, let negated):
      guard let own = registers.known(register, from.count) else { return nil }
      return (!own.lexicographicallyPrecedes(from) && !to.lexicographicallyPrecedes(own)) != negated
    case .lookup(let register, let name, let negated):
      guard let set = view.set(chain.table, name), let key = registers.known(register, set.keyLength) else { return nil }
      return (set.element(for: key) != nil) != negated
    case .match(let match): return packet.holds(match)
    default: return nil
    }
  }

  private mutating func map(_ register: Int, _ name: String, _ target: Int) -> Result? {
    guard let set = view.set(chain.table, name) else { return doubt() }
    guard let key = registers.known(register, set.keyLength) else {
      registers.forget(target, 20)
      return doubt()
    }
    guard let value = set.element(for: key)?.value else { return .mismatch }
    registers.write(value, at: target)
    return nil
  }

  private mutating func translate(
    _ kind: RuleExpression.Translation, _ address: RuleExpression.Source?, _ port: RuleExpression.Source?
  ) -> Result? {
    let count = packet.family.byteCount
    let newAddress = address.flatMap { bytes($0, count) }.flatMap { IPAddress(bytes: $0) }
    let newPort = port.flatMap { bytes($0, 2) }.map { UInt16($0[0]) << 8 | UInt16($0[1]) }
    switch kind {
    case .destination, .redirect:
      // NF_NAT: what cannot be read leaves the destination unknown.
      if address != nil && newAddress == nil || port != nil && newPort == nil { isCertain = false }
      packet.destination = newAddress ?? packet.destination
      packet.destinationPort = newPort ?? packet.destinationPort
      packet.status |= UInt32(IPS_DST_NAT.rawValue)
      return .translated(.redirected(packet.destination, packet.destinationPort))
    case .source, .masquerade:
      packet.status |= UInt32(IPS_SRC_NAT.rawValue)
      return .translated(.disguised(newAddress))
    }
  }

  private func bytes(_ source: RuleExpression.Source, _ count: Int) -> [UInt8]? {
    switch source {
    case .register(let word): registers.known(word, count)
    case .constant(let bytes): bytes.count >= count ? Array(bytes.prefix(count)) : nil
    }
  }
}
