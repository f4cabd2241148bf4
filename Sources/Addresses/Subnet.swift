/// An address with a prefix length, as CIDR notation writes it: an interface's address (10.1.2.3/24) or a network (10.1.2.0/24).
public struct Subnet: Hashable, Sendable {
  /// The address as given, host bits included.
  public let address: IPAddress
  /// The number of leading bits that belong to the network: 0…32 or 0…128.
  public let prefixLength: Int

  /// Joins an address and a prefix length; nil if the length is negative or exceeds the family's bits.
  public init?(_ address: IPAddress, prefixLength: Int) {
    guard (0...address.family.bitCount).contains(prefixLength) else { return nil }
    self.address = address
    self.prefixLength = prefixLength
  }

  /// The single address as a subnet: /32 or /128.
  public init(host address: IPAddress) {
    self.address = address
    self.prefixLength = address.family.bitCount
  }

  /// Parses `address/length`; nil for anything else, a missing length included.
  public init?(_ text: String) {
    guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let digits = text.utf8[text.utf8.index(after: slash)...]
    guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    var length = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      length = length * 10 + Int(digit - UInt8(ascii: "0"))
    }
    guard let address = IPAddress(text[..<slash]) else { return nil }
    self.init(address, prefixLength: length)
  }

  /// Parses `address/length` in a part of a text.
  public init?(_ text: Substring) { self.init(String(text)) }

  /// IPv4 or IPv6.
  public var family: IPAddress.Family { address.family }

  /// The network mask as an address: 255.255.255.0 for /24.
  public var mask: IPAddress {
    let hostBits = family.bitCount - prefixLength
    let all = family == .v4 ? UInt128(UInt32.max) : UInt128.max
    return IPAddress(family, hostBits == 128 ? 0 : (all >> UInt128(hostBits)) << UInt128(hostBits))
  }

  /// The network's own address: all host bits zero.
  public var networkAddress: IPAddress { IPAddress(family, address.value & mask.value) }

  /// The address with all host bits set; in IPv4 the broadcast address (RFC 919).
  public var lastAddress: IPAddress {
    let all = family == .v4 ? UInt128(UInt32.max) : UInt128.max
    return IPAddress(family, address.value | (all ^ mask.value))
  }

  /// The network the address lies in, with all host bits zero.
  public var network: Subnet { Subnet(unchecked: networkAddress, prefixLength) }

  /// Whether all host bits are zero.
  public var isNetwork: Bool { address == networkAddress }

  /// 0.0.0.0/0 or ::/0.
  public var isDefault: Bool { prefixLength == 0 && address.isUnspecified }

  /// Whether the address lies in this network.
  public func contains(_ other: IPAddress) -> Bool {
    other.family == family && other.value & mask.value == networkAddress.value
  }

  /// Whether the two networks share an address.
  public func overlaps(_ other: Subnet) -> Bool {
    contains(other.networkAddress) || other.contains(networkAddress)
  }

  private init(unchecked address: IPAddress, _ prefixLength: Int) {
    self.address = address
    self.prefixLength = prefixLength
  }
}

extension Subnet: CustomStringConvertible {
  /// CIDR notation: `10.1.2.0/24`.
  public var description: String { "\(address)/\(prefixLength)" }
}
