internal import Addresses

/// The options about names: `--hostname`, `--add-host`, `--dns`, `--dns-search`, `--dns-option`.
enum NameSettings {
  /// Throws in docker's words for what cannot be.
  static func validate(_ options: RunOptions) throws(EngineError) {
    if let name = options.hostName, name.utf8.count > 64 || !isHostName(name) {
      throw EngineError("invalid hostname: \"\(name)\": expected at most 64 letters, digits, \"-\", \"_\" and dots", exitCode: 125)
    }
    for host in options.additionalHosts { _ = try additionalHost(host) }
    for server in options.nameServers where IPAddress(server) == nil {
      throw EngineError("IP address is not correctly formatted: \(server)", exitCode: 125)
    }
    for domain in options.searchDomains where domain != "." && !isHostName(domain) {
      throw EngineError("\(domain) is not a valid domain", exitCode: 125)
    }
    for option in options.resolverOptions where option.utf8.contains(where: { $0 <= 32 }) {
      throw EngineError("\"\(option)\" is not a valid resolv.conf option", exitCode: 125)
    }
  }

  /// Reads `name:address`; the address is nil for `host-gateway`.
  static func additionalHost(_ text: String) throws(EngineError) -> (name: String, address: IPAddress?) {
    let separator = text.firstIndex { $0 == ":" || $0 == "=" } ?? text.endIndex
    let name = String(text[..<separator])
    var address = String(text[separator...].dropFirst())
    if address.hasPrefix("[") && address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    guard isHostName(name), !address.isEmpty else { throw EngineError("bad format for add-host: \"\(text)\"", exitCode: 125) }
    if address == "host-gateway" { return (name, nil) }
    guard let parsed = IPAddress(address) else { throw EngineError("invalid IP address in add-host: \"\(address)\"", exitCode: 125) }
    return (name, parsed)
  }

  /// Whether a text can stand as a name in a hosts file: no blank, no comment, nothing that a terminal acts on.
  static func isHostName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.".utf8.contains(byte)
        }
      }
  }
}
