public import Addresses

/// The ports that one attachment publishes.
public struct Publication: Hashable, Sendable {
  /// Whose source address a connection to a published port gets.
  public enum SourceTranslation: String, Hashable, Sendable {
    /// The host's where the answer would not come back else: from the container itself, from its own network, and from 127.0.0.1.
    case hairpin
    /// The host's, always.
    case all
    /// Always the client's own.
    case none
  }

  /// The container's addresses with their networks' prefix lengths, at most one of each family.
  public let containers: [Subnet]
  /// What is published.
  public let ports: [PublishedPort]
  /// Whose source address a connection gets.
  public let sourceTranslation: SourceTranslation
  /// Which packets may use the ports; all of an IP version without a condition for it.
  public let conditions: [Condition]

  /// Describes published ports. Of several container addresses of one family the first one counts.
  public init(
    containers: [Subnet], ports: [PublishedPort], sourceTranslation: SourceTranslation = .hairpin, conditions: [Condition] = []
  ) {
    self.conditions = conditions
    self.containers = [containers.first { $0.family == .v4 }, containers.first { $0.family == .v6 }].compactMap { $0 }
    self.ports = ports
    self.sourceTranslation = sourceTranslation
  }

  /// Whether 127.0.0.1 leads to the container, which takes `route_localnet` of the interface towards it: a port of an IPv4 container on all
  /// addresses or in 127.0.0.0/8, and the source address translated.
  public var needsLocalEntrance: Bool {
    sourceTranslation != .none && containers.contains { $0.family == .v4 }
      && ports.contains { port in
        guard let address = port.hostAddress else { return true }
        return address.family == .v4 && (address.isUnspecified || address.isLoopback)
      }
  }
}
