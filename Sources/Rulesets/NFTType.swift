import Addresses

/// The types of fields in sets, by their numbers in nft(8)'s `datatype.h`.
enum NFTType {
  static let networkProtocol: UInt32 = 2
  static let ipv4: UInt32 = 7
  static let ipv6: UInt32 = 8
  static let ethernet: UInt32 = 9
  static let transport: UInt32 = 12
  static let port: UInt32 = 13
  static let mark: UInt32 = 19
  static let state: UInt32 = 26
  static let interface: UInt32 = 41

  static func byteCount(_ type: UInt32) -> Int {
    switch type {
    case networkProtocol, transport: 1
    case port: 2
    case ethernet: 6
    case ipv6, interface: 16
    default: 4
    }
  }

  /// The fields of a joined type: six bits each, the first in the highest.
  static func fields(_ type: UInt32) -> [UInt32] {
    if type < 64 || type >= 0xFFFF_FF00 { return [type] }
    var fields: [UInt32] = [], rest = type
    while rest > 0 {
      fields.insert(rest & 63, at: 0)
      rest >>= 6
    }
    return fields
  }

  /// A field's value as nft(8) prints it.
  static func text(_ bytes: [UInt8], _ type: UInt32) -> String {
    switch type {
    case ipv4, ipv6: return IPAddress(bytes: bytes.prefix(byteCount(type)))?.description ?? hexadecimal(bytes)
    case ethernet: return bytes.prefix(6).map { hexadecimal([$0]) }.joined(separator: ":")
    case transport: return protocolName(bytes.first ?? 0)
    case networkProtocol: return bytes.first == 10 ? "ipv6" : "ipv4"
    case port: return bytes.count >= 2 ? "\(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))" : hexadecimal(bytes)
    case interface: return interfaceName(bytes)
    case mark: return "0x" + String(hostNumber(bytes), radix: 16)
    case state: return stateNames(UInt32(truncatingIfNeeded: hostNumber(bytes)))
    default: return bytes.count <= 4 ? "\(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })" : hexadecimal(bytes)
    }
  }

  /// All fields of a key or value, joined as nft(8) does.
  static func text(_ bytes: [UInt8], _ types: [UInt32]) -> String {
    guard types.count > 1 else { return text(bytes, types.first ?? 0) }
    var start = 0
    return types.map { type in
      let count = byteCount(type), end = min(start + count, bytes.count)
      defer { start = min(bytes.count, start + (count + 3) & ~3) }
      return text(Array(bytes[min(start, end)..<end]), type)
    }.joined(separator: " . ")
  }

  /// A name that is padded with zeros; without the end it is a prefix.
  static func interfaceName(_ bytes: [UInt8]) -> String {
    let name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    return bytes.contains(0) || bytes.count >= 16 ? name : name + "*"
  }

  static func protocolName(_ number: UInt8) -> String {
    switch number {
    case 1: "icmp"
    case 6: "tcp"
    case 17: "udp"
    case 58: "icmpv6"
    case 132: "sctp"
    default: "protocol \(number)"
    }
  }

  static func stateNames(_ bits: UInt32) -> String {
    let names = [(UInt32(1), "invalid"), (2, "established"), (4, "related"), (8, "new"), (64, "untracked")]
    return names.filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ",")
  }

  /// RTN_ of `linux/rtnetlink.h`.
  static func routeTypeName(_ number: UInt32) -> String {
    let names = [
      "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat",
    ]
    return number < names.count ? names[Int(number)] : "\(number)"
  }

  /// A number in the machine's byte order.
  static func hostNumber(_ bytes: [UInt8]) -> UInt64 { bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
