internal import Crypto

/// The SHA-256 of some content, as registries write it: `sha256:` and 64 lower-case hexadecimal digits.
struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 64 digits.
  let hex: String

  /// Parses `sha256:…`; nil if it is anything else.
  init?(_ text: String) {
    guard text.hasPrefix("sha256:") else { return nil }
    self.init(hex: String(text.dropFirst(7)))
  }

  /// Takes 64 lower-case hexadecimal digits; nil if they are anything else.
  init?(hex: String) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
    self.hex = hex
  }

  /// `sha256:…`
  var description: String { "sha256:\(hex)" }
}

extension Digest {
  /// Takes what a hash function has made.
  init(_ digest: SHA256.Digest) { self.init(bytes: Array(digest)) }

  /// The digest of some bytes.
  init(of content: [UInt8]) { self.init(SHA256.hash(data: content)) }

  private init(bytes: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
