internal import Addresses
internal import NFTables
internal import Rulesets

extension GarbageSearch {
  /// What the reference plugins have written into tables of iptables (nf_tables) and into tables of their own for containers that are gone.
  mutating func searchForeignRules() throws {
    let ruleset = try RulesetView()
    if let legacy = ruleset.legacyTables, !legacy.isEmpty {
      note("tables of iptables-legacy cannot be changed here: \(legacy.joined(separator: ", "))")
    }
    for table in ruleset.tables {
      let chains = ruleset.chains.filter { $0.table == table }
      switch table.name {
      case "nat" where [.ipv4, .ipv6].contains(table.family): searchChains(chains)
      case "filter" where [.ipv4, .ipv6].contains(table.family): searchForwarding(chains)
      case "cni_hostport", "cni_plugins_masquerade": searchCommented(chains)
      default: break
      }
    }
  }

  /// `CNI-…` of the bridge plugin's masquerade and `CNI-DN-…` of portmap: one chain a container, with the rule that leads to it.
  private mutating func searchChains(_ chains: [ChainView]) {
    for chain in chains where GarbageSearch.isContainers(chain.name) {
      let leading = chains.flatMap { other in other.rules.filter { $0.targets.contains(chain.name) }.map { (chain: other, rule: $0) } }
      let owners = Set((leading.map(\.rule) + chain.rules).compactMap { ReferenceOwner($0.comment) })
      let addresses = leading.flatMap { $0.rule.hosts } + chain.rules.flatMap { $0.translationTargets }
      // Every sign must say that it is dead, and there must be one.
      guard owners.allSatisfy({ !liveness.lives($0.container) }), addresses.allSatisfy({ !liveness.addresses.contains($0) }),
        !owners.isEmpty || !addresses.isEmpty, leading.allSatisfy({ GarbageSearch.isReferences($0.chain.name) })
      else { continue }
      let owner = owners.count == 1 ? owners.first : nil
      bury(addresses)
      add(
        Garbage(
          .chain, "table \(chain.table): \(chain.name)", owner: owner?.text,
          reason: owner.map { "no container \($0.container) lives" }
            ?? "no interface has \(addresses.map(\.description).joined(separator: ", "))",
          .foreign(
            ForeignGarbage(
              rules: leading.map { Rule(Chain(chain.table, $0.chain.name), expressions: [], handle: $0.rule.handle) },
              chains: [Chain(chain.table, chain.name)]))))
    }
  }

  /// The firewall plugin's two rules an address.
  private mutating func searchForwarding(_ chains: [ChainView]) {
    for chain in chains where chain.name == "CNI-FORWARD" {
      for rule in chain.rules {
        let addresses = rule.hosts
        guard !addresses.isEmpty, addresses.allSatisfy({ !liveness.addresses.contains($0) }) else { continue }
        bury(addresses)
        add(
          rule, chain, owner: addresses.compactMap { formerOwners[$0] }.first,
          reason: "no interface has \(addresses.map(\.description).joined(separator: ", "))")
      }
    }
  }

  /// Rules that name a container in their comment.
  private mutating func searchCommented(_ chains: [ChainView]) {
    for chain in chains {
      for rule in chain.rules {
        guard let owner = ReferenceOwner(rule.comment), !liveness.lives(owner.container) else { continue }
        let addresses = rule.hosts + rule.translationTargets
        if addresses.contains(where: { liveness.addresses.contains($0) }) { continue }
        bury(addresses)
        add(rule, chain, owner: owner.text, reason: "no container \(owner.container) lives")
      }
    }
  }

  private mutating func add(_ rule: RuleView, _ chain: ChainView, owner: String?, reason: String) {
    add(
      Garbage(
        .rule, "table \(chain.table), chain \(chain.name), handle \(rule.handle)", owner: owner, reason: reason,
        .foreign(ForeignGarbage(rules: [Rule(Chain(chain.table, chain.name), expressions: [], handle: rule.handle)], chains: []))))
  }

  /// `CNI-` and 24 digits, `CNI-DN-` or `CNI-SN-` and 21.
  private static func isContainers(_ name: String) -> Bool {
    for (prefix, length) in [("CNI-DN-", 21), ("CNI-SN-", 21), ("CNI-", 24)] where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count)
      if rest.utf8.count == length, rest.allSatisfy({ $0.isHexDigit }) { return true }
    }
    return false
  }

  /// The chains from which the reference plugins lead to a container's. What somebody has put elsewhere is not touched.
  private static func isReferences(_ name: String) -> Bool {
    ["POSTROUTING", "CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SNAT"].contains(name)
  }
}

/// Whose a rule of the reference plugins is, by its comment.
struct ReferenceOwner: Hashable {
  let network: String?
  let container: String

  /// `name: "net" id: "id"`, `dnat name: "net" id: "id"`, `…, net: net, if: eth0, id: id`, or the ID alone.
  init?(_ comment: String?) {
    guard let comment else { return nil }
    if let id = ReferenceOwner.value("id: \"", "\"", comment) {
      network = ReferenceOwner.value("name: \"", "\"", comment)
      container = id
    } else if let id = ReferenceOwner.value(", id: ", ",", comment) {
      network = ReferenceOwner.value("net: ", ",", comment)
      container = id
    } else if !comment.isEmpty, comment.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }) {
      network = nil
      container = comment
    } else {
      return nil
    }
  }

  /// `net/id`
  var text: String { network.map { "\($0)/\(container)" } ?? container }

  /// What stands between two marks; the end of the text serves as the second one unless that is a quotation mark.
  private static func value(_ start: String, _ end: String, _ text: String) -> String? {
    let bytes = Array(text.utf8), mark = Array(start.utf8), last = Array(end.utf8)[0]
    guard bytes.count > mark.count, let position = (0...(bytes.count - mark.count)).first(where: { bytes[$0...].starts(with: mark) }) else {
      return nil
    }
    let rest = bytes[(position + mark.count)...], stop = rest.firstIndex(of: last)
    if stop == nil && last == UInt8(ascii: "\"") { return nil }
    let value = String(decoding: rest[..<(stop ?? rest.endIndex)], as: UTF8.self)
    return value.isEmpty ? nil : value
  }
}

extension RuleView {
  /// The single addresses that it compares a packet's source or destination with.
  var hosts: [IPAddress] {
    var loaded: [Int: Int] = [:], found: [IPAddress] = []
    for expression in expressions {
      switch expression {
      case .payload(1, let offset, let length, let register):
        // Where the addresses of IPv4 and IPv6 headers stand.
        let isAddress = length == 4 ? [12, 16].contains(offset) : length == 16 && [8, 24].contains(offset)
        loaded[register] = isAddress ? length : nil
      case .bitwise(_, let register, _, _): loaded[register] = nil
      case .compare(let register, .equal, let bytes):
        if let length = loaded[register], bytes.count == length, let address = IPAddress(bytes: bytes) { found.append(address) }
      default: break
      }
    }
    return found
  }

  /// The addresses that it translates a packet's destination to.
  var translationTargets: [IPAddress] {
    var constants: [Int: [UInt8]] = [:], found: [IPAddress] = []
    for expression in expressions {
      switch expression {
      case .immediate(let bytes, let register): constants[register] = bytes
      case .translate(.destination, let address?, _):
        let bytes: [UInt8]? =
          switch address {
          case .constant(let bytes): bytes
          case .register(let register): constants[register]
          }
        if let bytes, let address = IPAddress(bytes: bytes) { found.append(address) }
      default: break
      }
    }
    return found
  }
}
