import Addresses

/// The content of a match or target of x_tables: a C structure of the machine's layout, read at the offsets of `linux/netfilter/xt_*.h`.
struct CompatibleContent {
  private let bytes: [UInt8]

  /// How many bytes there are.
  var count: Int { bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A byte; 0 behind the end.
  func byte(_ offset: Int) -> UInt8 { bytes.indices.contains(offset) ? bytes[offset] : 0 }

  /// 16 bits in host byte order.
  func short(_ offset: Int) -> UInt16 { UInt16(byte(offset)) | UInt16(byte(offset + 1)) << 8 }

  /// 16 bits in network byte order.
  func port(_ offset: Int) -> UInt16 { UInt16(byte(offset)) << 8 | UInt16(byte(offset + 1)) }

  /// 32 bits in host byte order.
  func word(_ offset: Int) -> UInt32 { UInt32(short(offset)) | UInt32(short(offset + 2)) << 16 }

  /// Some bytes; short behind the end.
  func slice(_ offset: Int, _ count: Int) -> [UInt8] { (0..<count).map { byte(offset + $0) } }

  /// A text that ends with a zero.
  func text(_ offset: Int, _ count: Int) -> String { String(decoding: slice(offset, count).prefix { $0 != 0 }, as: UTF8.self) }
}
