import Addresses
import CNI
import HostRules
import JSON

extension PortmapConfiguration {
  /// Decodes `backend`, `conditionsV4` and `conditionsV6`. Every accepted backend means the same here: nftables. What was written for another
  /// one than was asked for is refused, and so is what was written for iptables alone.
  static func conditions(_ fields: ConfigurationObject, hasMarkChain: Bool) throws(CNIError) -> [Condition] {
    if try fields.string("backend") == nil && fields.value("conditionsV4") == nil && fields.value("conditionsV6") == nil { return [] }
    var iptables = hasMarkChain ? ["externalSetMarkChain"] : [], nftables: [String] = []
    var written: [(key: String, family: IPAddress.Family, text: String)] = []
    for (key, family) in [("conditionsV4", IPAddress.Family.v4), ("conditionsV6", .v6)] {
      guard let words = try fields.strings(key), let first = words.first, !first.isEmpty else { continue }
      written.append((key, family, words.joined(separator: " ")))
      if isWrittenForIptables(first) { iptables.append(key) } else { nftables.append(key) }
    }
    if let backend = try fields.string("backend") {
      guard let foreign = ["iptables": ("nftables", nftables), "nftables": ("iptables", iptables)][backend] else {
        throw CNIError(.invalidConfiguration, "unrecognized backend \(JSONValue.string(backend).text)")
      }
      if !foreign.1.isEmpty {
        throw CNIError(
          .invalidConfiguration,
          "\(backend) backend was requested but configuration contains \(foreign.0)-specific options [\(foreign.1.joined(separator: " "))]")
      }
    }
    var conditions: [Condition] = []
    for (key, family, text) in written { conditions.append(try condition(key, family, text)) }
    return conditions
  }

  /// iptables' options begin with "-", and "!" negates the one that follows.
  private static func isWrittenForIptables(_ word: String) -> Bool { word.hasPrefix("-") || word.hasPrefix("!") }

  private static func condition(_ key: String, _ family: IPAddress.Family, _ text: String) throws(CNIError) -> Condition {
    let example = "[\"\(family == .v4 ? "ip" : "ip6")\", \"saddr\", \"\(family == .v4 ? "192.0.2.0/24" : "2001:db8::/32")\"]"
    if isWrittenForIptables(text) {
      throw CNIError(
        .invalidConfiguration, "field \(key): \(JSONValue.string(text).text) is written for iptables",
        details: "ports are published with nftables: write it as in \(example)")
    }
    // Comparisons need no other characters, and none of these ends a line or a comment where the condition is kept.
    guard text.utf8.count <= 1024, text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value >= 0x20 && $0.value < 0x7F }) else {
      throw CNIError(field: key, expected: "at most 1024 printable ASCII characters", got: .string(text))
    }
    do { return try Condition(family, text) } catch {
      throw CNIError(.invalidConfiguration, "field \(key): \(error)", details: "the whole condition is: \(text)")
    }
  }
}
