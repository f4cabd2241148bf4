/// A set, or a map from keys to values or verdicts, to which elements are added and removed while rules use it.
///
/// Without `isInterval` it is a hash table, whose cost does not grow with its elements. With it, keys may be ranges: a tree for one field,
/// for several a structure (pipapo) that is copied at every change.
public struct NamedSet: Hashable, Sendable {
  /// What a key leads to.
  public enum Target: Hashable, Sendable {
    /// Nothing: a set.
    case nothing
    /// Fields: a map, such as from a port to an address and a port.
    case fields([DataType])
    /// A verdict map.
    case verdict
  }

  /// Where it lies.
  public let table: Table
  /// Unique in its table.
  public let name: String
  /// The fields of a key.
  public let key: [DataType]
  /// What a key leads to.
  public let target: Target
  /// Whether keys may be ranges.
  public let isInterval: Bool
  /// Whether each element counts the packets that match it; in a map for address translation these are connections.
  public let hasCounters: Bool
  /// After how many milliseconds elements vanish that have no time of their own; nil if they stay.
  public let timeout: UInt64?
  /// For people; can only be given when the set is created.
  public let comment: String?

  /// Describes a set.
  public init(
    _ table: Table, _ name: String, key: [DataType], to target: Target = .nothing, isInterval: Bool = false, hasCounters: Bool = false,
    timeout: UInt64? = nil, comment: String? = nil
  ) {
    self.table = table
    self.name = name
    self.key = key
    self.target = target
    self.isInterval = isInterval
    self.hasCounters = hasCounters
    self.timeout = timeout
    self.comment = comment
  }

  /// Whether it is a map, verdict maps included.
  public var isMap: Bool { target != .nothing }

  /// A range of several fields is one element with two keys; a range of one field is two elements, the second one behind its end.
  var isTree: Bool { isInterval && key.count == 1 }

  /// The length of a key in the kernel, in bytes.
  var keyLength: Int { NamedSet.length(key) }

  static func length(_ types: [DataType]) -> Int {
    types.count == 1 ? types[0].byteCount : types.reduce(0) { $0 + ($1.byteCount + 3) & ~3 }
  }

  /// The kernel stores one number for all fields, six bits for each.
  static func typeNumber(_ types: [DataType]) -> UInt32 { types.reduce(0) { $0 << 6 | $1.rawValue } }

  /// Splits such a number; nil if it holds a type that we do not know.
  static func types(_ number: UInt32) -> [DataType]? {
    var types: [DataType] = []
    var rest = number
    while rest != 0 {
      guard let type = DataType(rawValue: rest & 0x3F) else { return nil }
      types.insert(type, at: 0)
      rest >>= 6
    }
    return types.isEmpty ? nil : types
  }
}

extension NamedSet: CustomStringConvertible {
  /// `map inet swift_cni published`
  public var description: String { "\(isMap ? "map" : "set") \(table) \(name)" }
}
