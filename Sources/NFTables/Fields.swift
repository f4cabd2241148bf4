public import Addresses
import Glibc

/// The fields of a key or a value as the kernel compares them: in network byte order, and where there is more than one, each padded to four bytes.
public struct Fields: Hashable, Sendable {
  /// One field.
  public enum Field: Hashable, Sendable {
    /// An IPv4 or IPv6 address.
    case address(IPAddress)
    /// A port or any other 16-bit number in network byte order.
    case port(UInt16)
    /// IPPROTO_TCP…
    case transportProtocol(UInt8)
    /// The IP version: NFPROTO_IPV4 or NFPROTO_IPV6.
    case networkProtocol(IPAddress.Family)
    /// A link's name, at most 15 bytes.
    case interface(String)
    /// An Ethernet address.
    case etherAddress(MACAddress)
    /// A 32-bit number in host byte order: marks, connection states.
    case mark(UInt32)

    /// The field's bytes, without padding.
    public var bytes: [UInt8] {
      var bytes: [UInt8] = []
      append(to: &bytes)
      return bytes
    }

    /// Adds the field's bytes, without padding.
    fileprivate func append(to bytes: inout [UInt8]) {
      switch self {
      case .address(let address):
        for position in (0..<address.family.byteCount).reversed() {
          bytes.append(UInt8(truncatingIfNeeded: address.value >> UInt128(8 * position)))
        }
      case .port(let port):
        bytes.append(UInt8(port >> 8))
        bytes.append(UInt8(truncatingIfNeeded: port))
      case .transportProtocol(let number): bytes.append(number)
      case .networkProtocol(let family): bytes.append(family.kernelNumber)
      case .interface(let name):
        let name = name.utf8.prefix(15)
        bytes += name
        bytes += repeatElement(0, count: 16 - name.count)
      case .etherAddress(let address): bytes += address.bytes
      // The number's own bytes, as they lie in memory.
      case .mark(let number): unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
      }
    }
  }

  /// The encoded fields.
  public let bytes: [UInt8]

  /// Encodes fields in their order.
  public init(_ fields: Field...) { self.init(fields) }

  /// Encodes fields in their order.
  public init(_ fields: [Field]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24)
    for field in fields {
      field.append(to: &bytes)
      while fields.count > 1 && bytes.count % 4 != 0 { bytes.append(0) }
    }
    self.bytes = bytes
  }

  /// Takes bytes as the kernel sent them.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// The fields, read as values of the given types; nil if there are too few bytes.
  public func fields(_ types: [DataType]) -> [Field]? {
    var start = 0
    var fields: [Field] = []
    for type in types {
      guard start + type.byteCount <= bytes.count, let field = Field(type, bytes[start..<(start + type.byteCount)]) else { return nil }
      fields.append(field)
      start = (start + type.byteCount + 3) & ~3
    }
    return fields
  }

  /// As nft(8) prints the fields of these types: `tcp . 8080`.
  public func text(_ types: [DataType]) -> String {
    guard let fields = fields(types) else { return bytes.map { String($0, radix: 16) }.joined(separator: " ") }
    return fields.map(\.description).joined(separator: " . ")
  }
}

extension Fields.Field {
  init?(_ type: DataType, _ bytes: ArraySlice<UInt8>) {
    let number = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    switch type {
    case .ipv4Address, .ipv6Address:
      guard let address = IPAddress(bytes: bytes) else { return nil }
      self = .address(address)
    case .port: self = .port(UInt16(truncatingIfNeeded: number))
    case .transportProtocol: self = .transportProtocol(UInt8(truncatingIfNeeded: number))
    case .networkProtocol:
      guard let family = IPAddress.Family(kernelNumber: UInt8(truncatingIfNeeded: number)) else { return nil }
      self = .networkProtocol(family)
    case .interfaceName: self = .interface(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case .etherAddress:
      guard let address = MACAddress(bytes: bytes) else { return nil }
      self = .etherAddress(address)
    case .mark: self = .mark(UInt32(bigEndian: number))
    }
  }
}

extension Fields.Field: CustomStringConvertible {
  /// As nft(8) prints it.
  public var description: String {
    switch self {
    case .address(let address): address.description
    case .port(let port): String(port)
    case .transportProtocol(let number):
      switch Int(number) {
      case Int(IPPROTO_TCP): "tcp"
      case Int(IPPROTO_UDP): "udp"
      case Int(IPPROTO_SCTP): "sctp"
      default: String(number)
      }
    case .networkProtocol(let family): family == .v4 ? "ipv4" : "ipv6"
    case .interface(let name): "\"\(name)\""
    case .etherAddress(let address): address.description
    case .mark(let number):
      "0x" + String(repeating: "0", count: 8 - String(number, radix: 16).count) + String(number, radix: 16)
    }
  }
}
