import Linux

/// A public or a preshared key of WireGuard: 32 bytes, written in Base64 as by wg(8).
public struct WireGuardKey: Hashable, Sendable, CustomStringConvertible {
  /// Four numbers rather than an array: thousands of keys are compared at a time.
  private let parts: (UInt64, UInt64, UInt64, UInt64)

  /// The key with these bytes; nil unless there are 32 of them.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    func part(_ number: Int) -> UInt64 { bytes[(8 * number)..<(8 * number + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
    parts = (part(0), part(1), part(2), part(3))
  }

  /// Reads a key in Base64; nil if it is none.
  public init?(_ text: String) {
    guard let bytes = Base64.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// The key's bytes.
  public var bytes: [UInt8] {
    [parts.0, parts.1, parts.2, parts.3].flatMap { part in (0..<8).map { UInt8(truncatingIfNeeded: part >> UInt64(56 - 8 * $0)) } }
  }

  /// Whether all bytes are zero, which stands for no key.
  public var isZero: Bool { parts == (0, 0, 0, 0) }

  /// The key in Base64.
  public var description: String { Base64.encode(bytes) }

  /// By the bytes.
  public static func == (left: WireGuardKey, right: WireGuardKey) -> Bool { left.parts == right.parts }

  /// By the bytes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(parts.0)
    hasher.combine(parts.1)
    hasher.combine(parts.2)
    hasher.combine(parts.3)
  }
}
