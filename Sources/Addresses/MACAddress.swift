/// An Ethernet address: EUI-48, IEEE 802.
public struct MACAddress: Hashable, Sendable {
  /// The six bytes, the first one in the highest bits: below 2⁴⁸.
  public let value: UInt64

  /// Makes an address from the lowest 48 bits of a number.
  public init(value: UInt64) { self.value = value & 0xFFFF_FFFF_FFFF }

  /// The address with the given bytes in transmission order; nil unless there are six.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    value = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Parses six pairs of hexadecimal digits with `:` or `-` between them, in either case; nil for anything else.
  public init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count == 17, let separator = [UInt8(ascii: ":"), UInt8(ascii: "-")].first(where: { $0 == characters[2] })
    else { return nil }
    var value: UInt64 = 0
    for (position, character) in characters.enumerated() {
      if position % 3 == 2 {
        guard character == separator else { return nil }
      } else {
        guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { return nil }
        value = value << 4 | UInt64(digit)
      }
    }
    self.value = value
  }

  /// Parses an address in a part of a text.
  public init?(_ text: Substring) { self.init(String(text)) }

  /// A locally administered unicast address (IEEE 802-2014, 8.4) that depends on nothing but the seed.
  public init(localSeed seed: UInt64) { self.init(value: seed & 0xFCFF_FFFF_FFFF | 0x0200_0000_0000) }

  /// The six bytes in transmission order.
  public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: value >> UInt64(40 - 8 * $0)) } }

  /// Whether the address names a group of stations: the lowest bit of the first byte.
  public var isMulticast: Bool { value >> 40 & 1 == 1 }
}

extension MACAddress: CustomStringConvertible {
  /// Lower-case pairs with colons: 17 characters.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (position, byte) in bytes.enumerated() {
      if position > 0 { text.append(UInt8(ascii: ":")) }
      text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
