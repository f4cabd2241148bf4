import Addresses
import HostRules
import NFTables

/// Follows chains of kind nat to the rules that translate destinations, and gathers what a packet must be to come there.
struct PortSearch {
  /// What packets have been narrowed to.
  struct Limits {
    var transport: TransportProtocol?
    var ports: [ClosedRange<UInt16>]?
    var address: IPAddress?
    var family: IPAddress.Family?
  }

  private let view: RulesetView
  private var depth = 0
  private(set) var ports: [ForeignPort] = []

  init(_ view: RulesetView) { self.view = view }

  mutating func search(_ chain: ChainView, _ limits: Limits) {
    guard depth < 17 else { return }
    depth += 1
    defer { depth -= 1 }
    for rule in chain.rules { follow(rule, chain, limits) }
  }

  /// What a register holds.
  private enum Content {
    case transport
    case port
    case destination
    case constant([UInt8])
    /// What a map leads to, for each of its keys.
    case mapped([(limits: Limits, value: [UInt8])], offset: Int)
    case other
  }

  private mutating func follow(_ rule: RuleView, _ chain: ChainView, _ outer: Limits) {
    var limits = outer, registers: [Int: Content] = [:]
    for expression in rule.expressions {
      switch expression {
      case .payload(let base, let offset, let length, let into):
        registers[into] = PortSearch.content(base, offset, length, chain.table.family)
      case .meta(16, let into): registers[into] = .transport
      case .immediate(let value, let into): registers[into] = .constant(value)
      case .meta(_, let into), .conntrack(_, let into), .routing(_, _, let into): registers[into] = .other
      case .bitwise(let from, let into, let mask, _): if mask.contains(where: { $0 != 0xFF }) || from != into { registers[into] = .other }
      case .compare(let register, .equal, let value): PortSearch.narrow(&limits, registers[register], value, value)
      case .range(let register, let from, let to, negated: false): PortSearch.narrow(&limits, registers[register], from, to)
      case .lookup(let register, let name, negated: false):
        if case .port? = registers[register], let set = view.set(chain.table, name) {
          limits.ports = set.elements.compactMap { PortSearch.range($0.key, $0.last) }
        }
      case .match(.ports(.destination(let ranges), negated: false)), .match(.ports(.either(let ranges), negated: false)):
        limits.ports = ranges
      case .map(let register, let name, let into):
        let found = entries(register, name, chain.table, registers, limits)
        registers[into] = .mapped(found.compactMap { entry in entry.element.value.map { (entry.limits, $0) } }, offset: 0)
        // The words behind it hold the rest of a joined value.
        let width = chain.table.family == .ipv6 || found.first?.element.value?.count ?? 0 > 8 ? 4 : 1
        registers[into + width] = .mapped(
          found.compactMap { entry in entry.element.value.map { (entry.limits, $0) } }, offset: width * 4)
      case .verdictMap(let register, let name):
        for entry in entries(register, name, chain.table, registers, limits) {
          if let target = entry.element.verdict?.chain.flatMap({ view.chain(chain.table, $0) }) { search(target, entry.limits) }
        }
      case .verdict(let verdict):
        if let target = verdict.chain.flatMap({ view.chain(chain.table, $0) }) { search(target, limits) }
      case .translate(.destination, let address?, let port): publish(rule, chain, limits, registers, address, port)
      default: break
      }
    }
  }

  private static func content(_ base: UInt32, _ offset: Int, _ length: Int, _ family: Family) -> Content {
    switch (base, offset, length) {
    case (2, 2, 2): .port
    case (1, 16, 4) where family != .ipv6, (1, 24, 16): .destination
    case (1, 9, 1) where family != .ipv6, (1, 6, 1) where family == .ipv6: .transport
    default: .other
    }
  }

  private static func narrow(_ limits: inout Limits, _ content: Content?, _ from: [UInt8], _ to: [UInt8]) {
    switch content {
    case .transport?: limits.transport = from.first.flatMap { TransportProtocol(number: $0) }
    case .port?: limits.ports = range(from, to).map { [$0] } ?? limits.ports
    case .destination?: if from == to { limits.address = IPAddress(bytes: from) }
    default: break
    }
  }

  private static func range(_ from: [UInt8], _ to: [UInt8]) -> ClosedRange<UInt16>? {
    guard from.count >= 2, to.count >= 2 else { return nil }
    let low = UInt16(from[0]) << 8 | UInt16(from[1]), high = UInt16(to[0]) << 8 | UInt16(to[1])
    return low <= high ? low...high : nil
  }

  /// A map's elements, each with what a packet is by its key.
  private func entries(
    _ register: Int, _ name: String, _ table: Table, _ registers: [Int: Content], _ outer: Limits
  ) -> [(limits: Limits, element: SetView.Element)] {
    guard let set = view.set(table, name) else { return [] }
    return set.elements.map { element in
      var limits = outer, word = register, start = 0
      for type in set.keyTypes {
        let count = NFTType.byteCount(type), end = min(start + count, element.key.count)
        if start < end {
          PortSearch.narrow(&limits, registers[word], Array(element.key[start..<end]), Array(element.last[start..<end]))
        }
        word += (count + 3) / 4
        start += (count + 3) & ~3
      }
      return (limits, element)
    }
  }

  private mutating func publish(
    _ rule: RuleView, _ chain: ChainView, _ limits: Limits, _ registers: [Int: Content], _ address: RuleExpression.Source,
    _ port: RuleExpression.Source?
  ) {
    if case .register(let word) = address, case .mapped(let entries, let offset)? = registers[word] {
      for entry in entries {
        let value = entry.value.dropFirst(offset), width = value.count >= 16 ? 16 : 4
        let portBytes = port == nil ? nil : Array(value.dropFirst(width).prefix(2))
        add(rule, chain, entry.limits, Array(value.prefix(width)), portBytes)
      }
      return
    }
    let bytes = { (source: RuleExpression.Source) -> [UInt8]? in
      switch source {
      case .constant(let bytes): return bytes
      case .register(let word):
        if case .constant(let bytes)? = registers[word] { return bytes }
        return nil
      }
    }
    guard var target = bytes(address) else { return }
    if chain.table.family == .ipv4 { target = Array(target.prefix(4)) }
    add(rule, chain, limits, target, port.flatMap(bytes))
  }

  private mutating func add(_ rule: RuleView, _ chain: ChainView, _ limits: Limits, _ address: [UInt8], _ port: [UInt8]?) {
    guard let container = IPAddress(bytes: address), let ranges = limits.ports else { return }
    for range in ranges where range.lowerBound > 0 {
      let number = port.flatMap { $0.count >= 2 ? UInt16($0[0]) << 8 | UInt16($0[1]) : nil } ?? range.lowerBound
      for transport in limits.transport.map({ [$0] }) ?? [.tcp, .udp] {
        guard
          let published = PublishedPort(
            transport, hostAddress: limits.address ?? IPAddress(container.family, 0), hostPorts: range, containerPort: number)
        else { continue }
        ports.append(
          ForeignPort(
            port: published, container: container, table: chain.table, chain: chain.name, maker: chain.maker, comment: rule.comment,
            connections: rule.counter?.packets))
      }
    }
  }
}
