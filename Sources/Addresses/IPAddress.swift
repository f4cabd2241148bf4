import Glibc

/// An IPv4 or IPv6 address as a number that can be compared and stepped.
public struct IPAddress: Hashable, Sendable {
  /// The two versions of the Internet protocol.
  public enum Family: UInt8, Hashable, Sendable, CaseIterable {
    /// IPv4, RFC 791.
    case v4
    /// IPv6, RFC 8200.
    case v6

    /// The length of an address in bits: 32 or 128.
    public var bitCount: Int { self == .v4 ? 32 : 128 }
    /// The length of an address in bytes: 4 or 16.
    public var byteCount: Int { bitCount / 8 }
    /// The kernel's number of the family, `AF_INET` or `AF_INET6`.
    public var kernelNumber: UInt8 { UInt8(self == .v4 ? AF_INET : AF_INET6) }

    /// The family with the kernel's number `AF_INET` or `AF_INET6`; nil for any other.
    public init?(kernelNumber: UInt8) {
      switch Int32(kernelNumber) {
      case AF_INET: self = .v4
      case AF_INET6: self = .v6
      default: return nil
      }
    }
  }

  /// The version of the Internet protocol.
  public let family: Family
  /// The address as a number; for IPv4 below 2³².
  public let value: UInt128

  /// Makes an address from a number, which must fit the family.
  public init(_ family: Family, _ value: UInt128) {
    precondition(family == .v6 || value <= UInt128(UInt32.max), "an IPv4 address has 32 bits")
    self.family = family
    self.value = value
  }

  /// The address whose bytes are given in network byte order; nil unless there are 4 or 16 of them.
  public init?(bytes: some Collection<UInt8>) {
    switch bytes.count {
    case 4: family = .v4
    case 16: family = .v6
    default: return nil
    }
    value = bytes.reduce(0) { $0 << 8 | UInt128($1) }
  }

  /// Parses dotted-decimal IPv4 or any RFC 4291 notation of IPv6, without a zone; nil for anything else.
  ///
  /// Not generic over texts: outside this module that would cost a plugin 0.1 ms of type lookups at its first call.
  public init?(_ text: String) {
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    let family: Family = text.utf8.contains(UInt8(ascii: ":")) ? .v6 : .v4
    var bytes = [UInt8](repeating: 0, count: family.byteCount)
    // The buffer has the length that inet_pton writes for the family.
    guard unsafe inet_pton(Int32(family.kernelNumber), text, &bytes) == 1 else { return nil }
    self.init(bytes: bytes)
  }

  /// Parses an address in a part of a text.
  public init?(_ text: Substring) { self.init(String(text)) }

  /// The address's bytes in network byte order.
  public var bytes: [UInt8] {
    (0..<family.byteCount).map { UInt8(truncatingIfNeeded: value >> UInt128(8 * (family.byteCount - 1 - $0))) }
  }

  /// The address `distance` further on; nil past either end of the family.
  public func advanced(by distance: Int128) -> IPAddress? {
    let (sum, overflow) =
      distance >= 0
      ? value.addingReportingOverflow(distance.magnitude) : value.subtractingReportingOverflow(distance.magnitude)
    guard !overflow, family == .v6 || sum <= UInt128(UInt32.max) else { return nil }
    return IPAddress(family, sum)
  }

  /// 0.0.0.0 or ::
  public var isUnspecified: Bool { value == 0 }
  /// 127.0.0.0/8 or ::1.
  public var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }
  /// 224.0.0.0/4 or ff00::/8.
  public var isMulticast: Bool { family == .v4 ? value >> 28 == 0xE : value >> 120 == 0xFF }
  /// 169.254.0.0/16 or fe80::/10.
  public var isLinkLocal: Bool { family == .v4 ? value >> 16 == 0xA9FE : value >> 118 == 0x3FA }
  /// An IPv4 address written as IPv6, ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
  public var isIPv4Mapped: Bool { family == .v6 && value >> 32 == 0xFFFF }
}

extension IPAddress: Comparable {
  /// IPv4 before IPv6, then by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.family.rawValue, left.value) < (right.family.rawValue, right.value)
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text: dotted decimal, or RFC 5952; of IPv6 addresses only the IPv4-mapped ones have a dotted part.
  public var description: String {
    // inet_ntop writes the deprecated IPv4-compatible addresses (RFC 4291, 2.5.5.1) dotted too, where everybody else writes ::102:304.
    if family == .v6 && value >> 32 == 0 && value >> 16 != 0 {
      return "::\(String(value >> 16, radix: 16)):\(String(value & 0xFFFF, radix: 16))"
    }
    let source = bytes
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      // The buffer has the length that inet_ntop may write for either family, and inet_ntop ends it with a zero.
      guard let text = unsafe inet_ntop(Int32(family.kernelNumber), source, buffer.baseAddress, socklen_t(buffer.count)) else { return "" }
      return unsafe String(cString: text)
    }
  }
}
