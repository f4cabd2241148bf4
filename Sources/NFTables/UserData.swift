import CNftnl
import Netlink

/// What nft(8) stores beside an object for itself: type, length and value, one byte each for the first two; `libnftnl/udata.h`.
package struct UserData {
  /// As the kernel keeps it, at most 256 bytes.
  private(set) var bytes: [UInt8] = []

  /// Adds a text with the zero byte that nft expects; longer than 250 bytes it is cut.
  mutating func append(_ type: some BinaryInteger, _ text: String) {
    let content = text.utf8.prefix(250)
    bytes += [UInt8(type), UInt8(content.count + 1)] + content + [0]
  }

  /// Adds a number in host byte order.
  mutating func append(_ type: some BinaryInteger, _ number: UInt32) {
    bytes += [UInt8(type), 4] + Fields.Field.mark(number).bytes
  }

  /// A comment alone, as tables, chains, rules and elements carry it; empty without one. Each of these has it as type 0.
  static func comment(_ comment: String?) -> [UInt8] {
    var data = UserData()
    if let comment { data.append(NFTNL_UDATA_RULE_COMMENT.rawValue, comment) }
    return data.bytes
  }

  /// The text of a type, if it is there.
  package static func text(_ type: some BinaryInteger, in bytes: [UInt8]) -> String? {
    var position = 0
    while position + 2 <= bytes.count {
      let end = position + 2 + Int(bytes[position + 1])
      guard end <= bytes.count else { return nil }
      if bytes[position] == UInt8(type) {
        return String(decoding: bytes[(position + 2)..<end].prefix { $0 != 0 }, as: UTF8.self)
      }
      position = end
    }
    return nil
  }
}
