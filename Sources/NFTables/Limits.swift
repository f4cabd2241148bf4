/// What the kernel and libnftnl, which does not check, have room for: names of 255 bytes, values of 64, log prefixes of 127.
enum Limits {
  private static let name = 255
  private static let value = 64
  private static let logPrefix = 127
  private static let expressions = 128

  static func admit(_ change: Change) -> Bool {
    switch change {
    case .table(_, let table): admit(table)
    case .chain(_, let chain): admit(chain)
    case .rule(let verb, let rule): verb == "delete" ? admit(rule.chain) : admit(rule)
    case .set(_, let set): admit(set)
    case .elements(_, let set, let elements): admit(set) && elements.allSatisfy(admit)
    }
  }

  static func admit(_ table: Table) -> Bool { table.name.utf8.count <= name }

  static func admit(_ chain: Chain) -> Bool { admit(chain.table) && chain.name.utf8.count <= name }

  static func admit(_ set: NamedSet) -> Bool { admit(set.table) && set.name.utf8.count <= name && set.keyLength <= value }

  static func admit(_ rule: Rule) -> Bool {
    admit(rule.chain) && rule.expressions.count <= expressions && rule.expressions.allSatisfy(admit)
  }

  static func admit(_ fields: Fields) -> Bool { fields.bytes.count <= value }

  static func admit(_ element: Element) -> Bool {
    guard admit(element.key), element.last.map(admit) ?? true else { return false }
    switch element.value {
    case nil: return true
    case .fields(let fields): return admit(fields)
    case .verdict(let verdict): return (verdict.chain?.utf8.count ?? 0) <= name
    }
  }

  private static func admit(_ expression: Expression) -> Bool {
    switch expression {
    case .immediate(let bytes, _), .compare(_, _, let bytes): bytes.count <= value
    case .range(_, let first, let last, _): first.count <= value && last.count <= value
    case .bitwise(_, let mask, let xor, _): mask.count <= value && xor.count <= value
    case .lookup(_, let set, _), .map(_, let set, _), .verdictMap(_, let set): set.utf8.count <= name
    case .log(let prefix, _): prefix.utf8.count <= logPrefix
    case .verdict(let verdict): (verdict.chain?.utf8.count ?? 0) <= name
    case .other: false
    default: true
    }
  }

  /// The bytes that a message with names and a comment takes at the most.
  static let object = 4096

  /// The bytes that a message with this rule takes at the most.
  static func size(_ rule: Rule) -> Int { object + 512 * rule.expressions.count }

  /// The bytes that an element takes at the most; one of a tree is written twice.
  static func size(_ element: Element) -> Int {
    let chain: Int = if case .verdict(let verdict)? = element.value { verdict.chain?.utf8.count ?? 0 } else { value }
    return 96 + chain + 2 * (element.key.bytes.count + 40) + (element.last?.bytes.count ?? 0) + min(element.comment?.utf8.count ?? 0, 250)
  }
}
