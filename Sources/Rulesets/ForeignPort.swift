public import Addresses
public import HostRules
public import NFTables

/// A port of the host that a rule of somebody else leads to another address.
public struct ForeignPort: Hashable, Sendable {
  /// The host's ports, and where they lead.
  public let port: PublishedPort
  /// Where they lead.
  public let container: IPAddress
  /// The chain whose rule translates.
  public let table: Table
  /// The chain's name.
  public let chain: String
  /// Who makes chains of such names; nil if nothing tells.
  public let maker: String?
  /// What is written beside the rule.
  public let comment: String?
  /// How many connections it has had; nil if it does not count.
  public let connections: UInt64?
}

extension RulesetView {
  /// The ports of the host that rules of others translate to another address: those of docker, of podman, of the reference plugins, of nft by
  /// hand. Rules that compare more than interfaces, addresses, protocol and port are counted too: they publish, if only for some.
  public func foreignPorts() -> [ForeignPort] {
    var ports: [ForeignPort] = [], seen: Set<ForeignPort> = []
    for hook in [Hook.prerouting, .output] {
      for chain in baseChains(at: hook, [.inet, .ipv4, .ipv6]) where chain.base?.kind == "nat" && chain.maker != "ours" {
        var search = PortSearch(self)
        search.search(chain, PortSearch.Limits())
        ports += search.ports.filter { seen.insert($0).inserted }
      }
    }
    return ports.sorted { ($0.port.hostPorts.lowerBound, $0.port.description) < ($1.port.hostPorts.lowerBound, $1.port.description) }
  }
}
