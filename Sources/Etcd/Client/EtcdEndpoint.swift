public import Addresses

/// One member of an etcd cluster as clients reach it: `https://10.0.0.1:2379`.
public struct EtcdEndpoint: Hashable, Sendable, CustomStringConvertible {
  /// Whether TLS protects the connection.
  public let isSecure: Bool
  /// A name, or an address without brackets.
  public let host: String
  /// The port; 2379 unless told.
  public let port: Int

  /// Parses `http://HOST[:PORT]`, `https://HOST[:PORT]` or `HOST[:PORT]`, which is http; nil for anything else. An IPv6 address is in brackets.
  public init?(_ text: String) {
    var rest = Substring(text)
    switch true {
    case rest.hasPrefix("https://"): isSecure = true
    default: isSecure = false
    }
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
      rest.removeFirst(scheme.count)
      break
    }
    if rest.hasSuffix("/") { rest.removeLast() }
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]"), let address = IPAddress(rest[rest.index(after: rest.startIndex)..<end]),
        address.family == .v6
      else { return nil }
      host = address.description
      rest = rest[rest.index(after: end)...]
    } else {
      host = String(rest.prefix { $0 != ":" })
      rest = rest.dropFirst(host.count)
      guard !host.isEmpty, host.utf8.allSatisfy(EtcdEndpoint.isNameByte) else { return nil }
    }
    if rest.isEmpty {
      port = 2379
    } else {
      guard rest.removeFirst() == ":", let number = UInt16(rest), number > 0 else { return nil }
      port = Int(number)
    }
  }

  /// The host as an address; nil if it is a name.
  public var address: IPAddress? { IPAddress(host) }

  /// As it is parsed, with scheme and port.
  public var description: String { "\(isSecure ? "https" : "http")://\(address?.family == .v6 ? "[\(host)]" : host):\(port)" }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
