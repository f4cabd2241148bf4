internal import Addresses
internal import NFTables
internal import Routing
internal import Rulesets

/// Finds the rules that a container's packets can meet: those whose comparisons of addresses and interfaces its packets can pass, in one direction
/// at least. What else a rule compares is not looked at, so a rule too many may be found, and none too few.
struct RuleReach {
  /// What packets of one direction carry; nil where anything may be.
  struct Direction {
    var source: [IPAddress]?
    var destination: [IPAddress]?
    var input: [String]?
    var output: [String]?
  }

  private let view: RulesetView
  private let directions: [Direction]

  /// Looks for a container with these addresses, behind these links of the host (its veth, and the bridge that it is a port of).
  init(_ view: RulesetView, addresses: [IPAddress], links: [String]) {
    self.view = view
    directions = [Direction(source: addresses, input: links), Direction(destination: addresses, output: links)]
  }

  /// Everything, for whom no container is asked.
  init(_ view: RulesetView) {
    self.view = view
    directions = [Direction()]
  }

  /// A rule, and the chain that it is in.
  struct Hit {
    let chain: ChainView
    let rule: RuleView
  }

  /// The rules behind a base chain that packets can meet, in the order in which they are asked.
  func hits(_ chain: ChainView) -> [Hit] {
    var found: [Hit] = [], seen: Set<String> = []
    for direction in directions { follow(chain, direction, 0, &found, &seen) }
    return found
  }

  private func follow(_ chain: ChainView, _ direction: Direction, _ depth: Int, _ found: inout [Hit], _ seen: inout Set<String>) {
    guard depth < 17 else { return }
    for rule in chain.rules where admits(rule, direction, chain.table) {
      if seen.insert("\(chain.name) \(rule.handle)").inserted { found.append(Hit(chain: chain, rule: rule)) }
      for name in targets(rule, chain.table) {
        if let target = view.chain(chain.table, name) { follow(target, direction, depth + 1, &found, &seen) }
      }
    }
  }

  /// The chains that a rule leads to, those that its verdict maps name included.
  func targets(_ rule: RuleView, _ table: Table) -> [String] {
    rule.targets
      + rule.expressions.flatMap { expression -> [String] in
        guard case .verdictMap(_, let map) = expression, let set = view.set(table, map) else { return [] }
        return Array(Set(set.elements.compactMap { $0.verdict?.chain })).sorted()
      }
  }

  /// What a register holds that a direction knows something of.
  private enum Content {
    case source(length: Int)
    case destination(length: Int)
    case input
    case output
    case family
  }

  private func admits(_ rule: RuleView, _ direction: Direction, _ table: Table) -> Bool {
    var registers: [Int: Content] = [:], masks: [Int: [UInt8]] = [:]
    for expression in rule.expressions {
      switch expression {
      case .payload(base: 1, let offset, let length, let into):
        registers[into] = RuleReach.content(offset, length, table.family)
        masks[into] = nil
      case .payload(_, _, _, let into), .conntrack(_, let into), .routing(_, _, let into), .immediate(_, let into): registers[into] = nil
      case .meta(let key, let into): registers[into] = key == 6 ? .input : key == 7 ? .output : key == 15 ? .family : nil
      case .bitwise(let from, let into, let mask, _):
        registers[into] = registers[from]
        masks[into] = mask
      case .compare(let register, let comparison, let value) where comparison == .equal || comparison == .notEqual:
        guard let content = registers[register] else { continue }
        if !admits(content, direction, value, masks[register], isEqual: comparison == .equal) { return false }
      default: break
      }
    }
    return true
  }

  private static func content(_ offset: Int, _ length: Int, _ family: Family) -> Content? {
    if offset == 12 && length <= 4 && family != .ipv6 { return .source(length: length) }
    if offset == 16 && length <= 4 && family != .ipv6 { return .destination(length: length) }
    if offset == 8 && family != .ipv4 { return .source(length: length) }
    if offset == 24 && family != .ipv4 { return .destination(length: length) }
    return nil
  }

  private func admits(_ content: Content, _ direction: Direction, _ value: [UInt8], _ mask: [UInt8]?, isEqual: Bool) -> Bool {
    switch content {
    case .source(let length): return admits(direction.source, value, mask, length, isEqual)
    case .destination(let length): return admits(direction.destination, value, mask, length, isEqual)
    case .input: return admits(direction.input, value, isEqual)
    case .output: return admits(direction.output, value, isEqual)
    case .family:
      let families = (direction.source ?? direction.destination)?.map { $0.family == .v4 ? UInt8(2) : 10 }
      return families.map { $0.contains { [$0] == value.prefix(1) } == isEqual || Set($0).count > 1 } ?? true
    }
  }

  private func admits(_ addresses: [IPAddress]?, _ value: [UInt8], _ mask: [UInt8]?, _ length: Int, _ isEqual: Bool) -> Bool {
    guard let addresses else { return true }
    // A comparison of so many bytes belongs to one family.
    let fitting = addresses.filter { $0.bytes.count == 4 ? length <= 4 : length > 4 || value.count > 4 }
    return fitting.contains { address in
      let bytes = address.bytes.prefix(value.count).enumerated().map { position, byte in
        mask.map { $0.indices.contains(position) ? byte & $0[position] : byte } ?? byte
      }
      return (bytes == value) == isEqual
    }
  }

  /// An interface's name is compared as a whole, with its zero byte, or, with a trailing `*`, as far as the value goes.
  private func admits(_ names: [String]?, _ value: [UInt8], _ isEqual: Bool) -> Bool {
    guard let names else { return true }
    let wanted = value.prefix { $0 != 0 }, isWhole = value.contains(0)
    return names.contains { name in
      let isSame = isWhole ? name.utf8.elementsEqual(wanted) : name.utf8.starts(with: wanted)
      return isSame == isEqual
    }
  }
}
