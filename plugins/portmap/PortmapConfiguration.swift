import Addresses
import CNI
import HostRules
import JSON

/// The keys of the `portmap` plugin, valid together.
struct PortmapConfiguration {
  /// What is published.
  let mappings: PortMappings
  /// `snat` and `masqAll`: whose source address connections get.
  let sourceTranslation: Publication.SourceTranslation
  /// `conditionsV4` and `conditionsV6`: which packets may use the published ports.
  let conditions: [Condition]
  /// `"onConflict": "warn"`: a port that is taken is left out with a line in the log, instead of failing ADD.
  let toleratesConflicts: Bool
  /// Keys that choose how iptables marks packets, which nftables has no use for.
  let keysWithoutEffect: [String]

  /// Decodes and validates. ADD and DEL announce what is wrong as the reference plugins do.
  init(_ request: PluginRequest) throws(CNIError) {
    do { try self.init(request.configuration) } catch {
      guard request.command == .add || request.command == .delete else { throw error }
      throw CNIError(error.code, "failed to parse config: \(error.message)", details: error.details)
    }
  }

  private init(_ configuration: NetworkConfiguration) throws(CNIError) {
    let fields = configuration.fields
    let translates = try fields.bool("snat") ?? true, all = try fields.flag("masqAll")
    sourceTranslation = translates ? (all ? .all : .hairpin) : .none
    keysWithoutEffect = try PortmapConfiguration.markKeys(fields)
    conditions = try PortmapConfiguration.conditions(fields, hasMarkChain: keysWithoutEffect.contains("externalSetMarkChain"))
    toleratesConflicts = try PortmapConfiguration.toleratesConflicts(fields)
    mappings = try PortMappings(configuration.runtimeConfig())
  }

  /// The keys that say how iptables is to mark packets: the mark is how it remembers which packets to masquerade.
  private static func markKeys(_ fields: ConfigurationObject) throws(CNIError) -> [String] {
    let bit = try fields.integer("markMasqBit"), chain = try fields.string("externalSetMarkChain")
    if bit != nil && chain != nil {
      throw CNIError(.invalidConfiguration, "Cannot specify externalSetMarkChain and markMasqBit")
    }
    guard (0...31).contains(bit ?? 13) else {
      throw CNIError(.invalidConfiguration, "MasqMarkBit must be between 0 and 31", details: "markMasqBit is \(bit ?? 0)")
    }
    return (bit == nil ? [] : ["markMasqBit"]) + (chain == nil ? [] : ["externalSetMarkChain"])
  }

  private static func toleratesConflicts(_ fields: ConfigurationObject) throws(CNIError) -> Bool {
    switch try fields.string("onConflict") {
    case nil, "fail": return false
    case "warn": return true
    case let other?: throw CNIError(field: "onConflict", expected: "\"fail\" or \"warn\"", got: .string(other))
    }
  }
}
