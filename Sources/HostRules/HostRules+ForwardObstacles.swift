import NFTables

extension HostRules {
  /// Others' base chains at the forward hook that end with dropping: Docker's, ufw's, firewalld's, hand-written ones. Changes nothing.
  ///
  /// One request lists the chains of all tables; rules are read only of chains at that hook whose policy is accept.
  public mutating func forwardObstacles() throws -> [ForwardObstacle] {
    var obstacles: [ForwardObstacle] = []
    for chain in try ruleset.chains() {
      guard let base = chain.base, base.hook == .forward, base.kind == .filter, [.inet, .ipv4, .ipv6].contains(chain.table.family),
        !(chain.table.family == Schema.table.family && chain.table.name == Schema.table.name)
      else { continue }
      let reason: ForwardObstacle.Reason
      if base.policy == .drop {
        reason = .policy
      } else if try ruleset.rules(chain).last?.endsEverything == true {
        reason = .lastRule
      } else {
        continue
      }
      obstacles.append(
        ForwardObstacle(family: chain.table.family.description, table: chain.table.name, chain: chain.name, reason: reason))
    }
    return obstacles
  }
}

extension Rule {
  /// Whether every packet that comes here is dropped or refused.
  fileprivate var endsEverything: Bool {
    for expression in expressions {
      switch expression {
      case .counter, .log: continue
      case .verdict(.drop), .reject: return true
      // Drop and reject of other kinds, such as with an ICMP code of one IP version.
      case .other(let name): return name == "reject"
      default: return false
      }
    }
    return false
  }
}
