import Addresses
import CLinux
import Glibc
import NFTables

extension Schema {
  /// A chain and all its rules.
  struct FilledChain {
    let chain: Chain
    private let statements: [[Statement]]

    init(_ chain: Chain, _ statements: [[Statement]]) {
      self.chain = chain
      self.statements = statements
    }

    /// The rules; written when they are needed, which is seldom.
    var rules: [Rule] { statements.map { Rule(chain, $0) } }

    var ruleCount: Int { statements.count }
  }

  /// What says that the base is ours and complete: its comment holds the version of these rules, its use count their number. By itself, since
  /// it is all that an ADD needs of these rules.
  static let seal = FilledChain(
    Chain(table, "postrouting", .init(.nat, .postrouting, priority: 100), comment: "rules of swift-cni, version 2"),
    [
      [.matchAnyBit(.connectionStatus, destinationTranslated), .verdictMap([.destination(.v4)], SetID.hairpin(.v4).name)],
      [.matchAnyBit(.connectionStatus, destinationTranslated), .verdictMap([.destination(.v6)], SetID.hairpin(.v6).name)],
      [.verdictMap([.source(.v4)], SetID.masqueradeFrom(.v4).name)],
      [.verdictMap([.source(.v6)], SetID.masqueradeFrom(.v6).name)],
    ])

  /// The policies, which a packet between containers meets.
  static let forward = FilledChain(
    Chain(table, "forward", .init(.filter, .forward, priority: 0), comment: "ingress policies of the firewall plugin"),
    [
      [.verdict(.jump("admin"))],
      [.matchState([.established, .related]), .verdict(.accept)],
      [.matchAnyBit(.connectionStatus, destinationTranslated), .verdict(.accept)],
      [.lookup([.inputInterface, .outputInterface], in: SetID.sameBridge.name), .verdict(.accept)],
      [.verdictMap([.source(.v4), .destination(.v4), .transportProtocol, .destinationPort], SetID.linked(.v4).name)],
      [.verdictMap([.source(.v6), .destination(.v6), .transportProtocol, .destinationPort], SetID.linked(.v6).name)],
      [
        .lookup([.inputInterface], in: SetID.isolatedBridges.name), .lookup([.outputInterface], in: SetID.isolatedBridges.name), .counter,
        .verdict(.drop),
      ],
    ])

  /// All chains that exist from the beginning, those that others jump to first.
  static let chains: [FilledChain] = [
    FilledChain(Chain(table, "publish", comment: "the container behind a published port"), publish),
    FilledChain(Chain(table, "masquerade_all"), [[.masquerade]]),
    FilledChain(admin, []),
    FilledChain(
      Chain(table, "guard", .init(.filter, .prerouting, priority: -300), comment: "what is published on 127.0.0.1 is for this host alone"),
      [[.match(.inputInterface, .notEqual, .interface("lo")), .matchNetwork(.destination(.v4), loopback), .verdict(.drop)]]),
    FilledChain(
      Chain(table, "prerouting", .init(.nat, .prerouting, priority: -100)),
      [[.match(.destinationType, .equal, .mark(UInt32(RTN_LOCAL))), .verdict(.jump("publish"))]]),
    FilledChain(
      Chain(table, "output", .init(.nat, .output, priority: -100)),
      [[.match(.destinationType, .equal, .mark(UInt32(RTN_LOCAL))), .verdict(.jump("publish"))]]),
    forward,
    seal,
  ]

  /// The administrator's place: consulted before the ingress policies, never changed by us.
  static let admin = Chain(table, "admin", comment: "for the administrator: asked first, and never changed by swift-cni")

  /// The chain that containers of networks with that prefix length jump to for being masqueraded. It is made when it is first needed, and it
  /// stays: it does not depend on any container.
  static func masqueradeChain(_ family: IPAddress.Family, _ prefixLength: Int) -> FilledChain {
    let multicast = family == .v4 ? multicast4 : multicast6
    return FilledChain(
      Chain(table, masqueradeChainName(family, prefixLength)),
      [
        [.lookup([.source(family), network(.destination(family), prefixLength)], in: SetID.inside(family).name), .verdict(.return)],
        [.matchNetwork(.destination(family), multicast), .verdict(.return)],
        [.masquerade],
      ])
  }

  /// The same for connections to published ports.
  static func hairpinChain(_ family: IPAddress.Family, _ prefixLength: Int) -> FilledChain {
    var rules: [[Statement]] = [
      [.lookup([.destination(family), network(.source(family), prefixLength)], in: SetID.beside(family).name), .masquerade]
    ]
    if family == .v4 { rules.append([.matchNetwork(.source(.v4), loopback), .masquerade]) }
    return FilledChain(Chain(table, hairpinChainName(family, prefixLength)), rules)
  }

  static func masqueradeChainName(_ family: IPAddress.Family, _ prefixLength: Int) -> String {
    "\(family == .v4 ? masqueradeName4 : masqueradeName6)\(prefixLength)"
  }

  static func hairpinChainName(_ family: IPAddress.Family, _ prefixLength: Int) -> String {
    "\(family == .v4 ? hairpinName4 : hairpinName6)\(prefixLength)"
  }

  /// The chain that packets for the conditional ports of an attachment pass: back where a condition holds, else on without translation.
  static func gate(_ publication: Publication, _ family: IPAddress.Family, _ owner: Owner) -> FilledChain {
    let alternatives = publication.conditions.first { $0.family == family }?.alternatives ?? [[]]
    // Ports that only some networks may use come first, each with what ends the search for all others.
    let sourced = publication.ports.filter { $0.concerns(family) && !$0.sources.isEmpty }.flatMap { port -> [[Statement]] in
      let numbers = port.hostPorts
      var match: [Statement] = [.matchFamily(family), .match(.transportProtocol, .equal, .transportProtocol(port.transport.number))]
      if let address = port.singleAddress { match.append(.matchNetwork(.destination(family), Subnet(host: address))) }
      match.append(
        numbers.count == 1
          ? .match(.destinationPort, .equal, .port(numbers.lowerBound))
          : .matchRange(.destinationPort, .port(numbers.lowerBound), .port(numbers.upperBound)))
      let allowed = port.sources.filter { $0.family == family }.flatMap { source in
        alternatives.map { match + [.matchNetwork(.source(family), source)] + $0 + [.verdict(.return)] }
      }
      return allowed + [match + [.verdict(.accept)]]
    }
    let isConditional = publication.conditions.contains { $0.family == family }
    return FilledChain(
      gateChain(family, owner),
      sourced + (isConditional ? alternatives.map { $0 + [.verdict(.return)] } : []) + [[.verdict(.accept)]])
  }

  /// An attachment's chain for conditions, which carries its owner like an element.
  static func gateChain(_ family: IPAddress.Family, _ owner: Owner) -> Chain {
    Chain(table, "\(family == .v4 ? "if_" : "if6_")\(owner.digest)", comment: owner.label)
  }

  /// The chain of one of the two kinds that has this name; nil for any other name.
  static func chain(named name: String) -> FilledChain? {
    let make: [(String, IPAddress.Family, (IPAddress.Family, Int) -> FilledChain)] = [
      (masqueradeName4, .v4, masqueradeChain), (masqueradeName6, .v6, masqueradeChain), (hairpinName4, .v4, hairpinChain),
      (hairpinName6, .v6, hairpinChain),
    ]
    for (prefix, family, chain) in make where name.hasPrefix(prefix) {
      if let length = Int(name.dropFirst(prefix.count)), (0...family.bitCount).contains(length) { return chain(family, length) }
    }
    return nil
  }

  private static let masqueradeName4 = "masquerade_"
  private static let masqueradeName6 = "masquerade6_"
  private static let hairpinName4 = "hairpin_"
  private static let hairpinName6 = "hairpin6_"

  /// Conditions come first: where they do not hold, their chain ends the search. Then the most specific: one address before all, a port
  /// before a range.
  private static let publish: [[Statement]] = [IPAddress.Family.v4, .v6].flatMap { family in
    let port: [Operand] = [.transportProtocol, .destinationPort], portAt = [.destination(family)] + port
    let maps: [[Statement]] = [
      [.verdictMap(portAt, SetID.conditional(family).name)],
      [.destinationFromMap(portAt, SetID.publishedAt(family).name, family, withPort: true)],
      [.destinationFromMap(port, SetID.published(family).name, family, withPort: true)],
      [.destinationFromMap(portAt, SetID.publishedRangeAt(family).name, family, withPort: false)],
      [.destinationFromMap(port, SetID.publishedRange(family).name, family, withPort: false)],
    ]
    return maps.map { [.matchFamily(family)] + $0 }
  }

  /// IPS_DST_NAT of `linux/netfilter/nf_conntrack_common.h`
  private static let destinationTranslated = UInt32(IPS_DST_NAT.rawValue)

  private static let loopback = constant(IPAddress(.v4, 127 << 24), 8)
  private static let multicast4 = constant(IPAddress(.v4, 0xE << 28), 4)
  private static let multicast6 = constant(IPAddress(.v6, 0xFF << 120), 8)

  private static func constant(_ address: IPAddress, _ length: Int) -> Subnet {
    Subnet(address, prefixLength: length) ?? Subnet(host: address)
  }

  /// The network part of an address; all of it needs no mask.
  private static func network(_ operand: Operand, _ prefixLength: Int) -> Operand {
    let family: IPAddress.Family = operand == .source(.v4) || operand == .destination(.v4) ? .v4 : .v6
    if prefixLength == family.bitCount { return operand }
    return operand.masked(constant(IPAddress(family, 0), prefixLength).mask.bytes)
  }
}
