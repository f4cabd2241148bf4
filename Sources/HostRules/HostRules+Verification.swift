import Linux
import NFTables
import Netlink

extension HostRules {
  /// What is missing or differs from what an attachment wants, one sentence each; empty if all is well.
  ///
  /// Looks at the rules of the table, at the attachment's elements and at what it shares with others.
  public mutating func verify(_ concerns: [Concern], of owner: Owner) throws -> [String] {
    // What others change meanwhile can look like a fault: only what is seen in one state of the ruleset counts.
    for _ in 0..<HostRules.attempts {
      let generation = try ruleset.generation()
      let faults = try faults(concerns, owner)
      if try faults.isEmpty || ruleset.generation() == generation { return faults }
    }
    throw NetlinkError(.restart, "check table \(Schema.table)", explanation: "the ruleset changed \(HostRules.attempts) times meanwhile")
  }

  private mutating func faults(_ concerns: [Concern], _ owner: Owner) throws -> [String] {
    var faults: [String] = []
    if concerns.contains(where: { $0.kind != .spoofCheck }) {
      guard try ruleset.table(Schema.table) != nil else { return ["table \(Schema.table) is missing"] }
      faults += try baseFaults(concerns.flatMap(\.chains))
    }
    var snapshot = Snapshot()
    var wanted = concerns.flatMap { $0.entries(owner) }
    try snapshot.read(wanted.map(\.place), from: &ruleset)
    let elsewhere = wanted.filter { entry in
      let holder = snapshot[entry.place].flatMap { Publication.holder(of: entry, $0) }
      return holder.map { $0 != owner && $0.isSameContainer(as: owner) } ?? false
    }
    wanted.removeAll { entry in elsewhere.contains { $0.place == entry.place } }
    for entry in wanted { faults += HostRules.fault(entry, snapshot[entry.place]) }
    for port in Set(wanted.compactMap { SingleAddressPort($0) }) {
      let count = wanted.count { SingleAddressPort($0) == port }
      let holders = try holders(port, &snapshot).count { $0 == owner.label }
      if holders != count { faults.append("\(port.entry(0, owner.label).description) is missing") }
    }
    for case .isolation(let isolation) in concerns {
      for (entry, policies) in HostRules.sharedEntries(isolation.bridge) where policies.contains(isolation.policy) {
        try snapshot.read([entry.place], from: &ruleset)
        faults += HostRules.fault(entry, snapshot[entry.place])
      }
    }
    for case .links(let links) in concerns { faults += try linkFaults(links, owner, &snapshot) }
    for gate in concerns.flatMap({ $0.gates(owner) }) where try !isIntact(gate) {
      faults.append("chain \(gate.chain) has other rules than it should")
    }
    for case .spoofCheck(let check) in concerns { faults += try spoofCheckFaults(check, owner) }
    return faults
  }

  /// Chains of the base that are missing or have other rules.
  private mutating func baseFaults(_ more: [Schema.FilledChain]) throws -> [String] {
    let found = try ruleset.chains(Schema.table)
    var faults: [String] = []
    for one in Schema.chains + more {
      if let chain = found.first(where: { $0.name == one.chain.name }) {
        if try !isIntact(chain) { faults.append("chain \(chain) has other rules than it should") }
      } else {
        faults.append("chain \(one.chain) is missing")
      }
    }
    return faults
  }

  static func fault(_ entry: Entry, _ found: Element?) -> [String] {
    guard let found else { return ["\(entry.description) is missing"] }
    if entry.matches(found) { return [] }
    if found.comment != entry.element.comment {
      return ["\(entry.description) belongs to \(found.comment ?? "nobody"), not to \(entry.element.comment ?? "nobody")"]
    }
    return ["\(entry.description) is there as \(Entry(entry.set, found).description)"]
  }
}
