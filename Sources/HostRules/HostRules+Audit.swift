import Linux
import NFTables
import Netlink

extension HostRules {
  /// What is recorded of all attachments of this network namespace.
  public func allConcerns() throws -> [Owner: [Concern]] {
    var concerns: [Owner: [Concern]] = [:]
    for record in try records.all() { concerns[record.owner, default: []].append(record.concern) }
    return concerns
  }

  /// Whether each of these concerns has a record.
  public func hasRecords(of owner: Owner, for concerns: [Concern]) throws -> Bool {
    let recorded = Set(try self.concerns(of: owner).map(\.kind))
    return concerns.allSatisfy { recorded.contains($0.kind) }
  }

  /// Whether our table is there.
  public mutating func hasTable() throws -> Bool { try ruleset.table(Schema.table) != nil }

  /// Compares the table with what attachments want, all of them in one reading: each set is listed once, however many attachments there are.
  ///
  /// What others change meanwhile can look like a difference: only what is seen in one state of the ruleset counts.
  public mutating func audit(_ wanted: [Owner: [Concern]]) throws -> [RuleDifference] {
    if wanted.values.allSatisfy(\.isEmpty) { return [] }
    for _ in 0..<HostRules.attempts {
      let generation = try ruleset.generation()
      let differences = try differences(wanted)
      if try differences.isEmpty || ruleset.generation() == generation { return differences }
    }
    throw NetlinkError(.restart, "check table \(Schema.table)", explanation: "the ruleset changed \(HostRules.attempts) times meanwhile")
  }

  private mutating func differences(_ wanted: [Owner: [Concern]]) throws -> [RuleDifference] {
    var differences: [RuleDifference] = [], snapshot = Snapshot()
    let exists = try ruleset.table(Schema.table) != nil
    if wanted.values.contains(where: { $0.contains { $0.kind != .spoofCheck } }) {
      if exists {
        var more: [String: Schema.FilledChain] = [:]
        for concern in wanted.values.joined() { for chain in concern.chains { more[chain.chain.name] = chain } }
        differences += try chainDifferences(Array(more.values))
      } else {
        differences.append(RuleDifference(nil, "table \(Schema.table)"))
      }
    }
    for set in SetID.allCases { if exists { try snapshot.read(set, from: &ruleset) } else { snapshot.assumeEmpty(set) } }
    let links = try links(wanted), entrance = try ruleset.rules(HostRules.entrance)
    for (owner, concerns) in wanted.sorted(by: { $0.key.label < $1.key.label }) {
      differences += try elementDifferences(concerns, owner, &snapshot)
      for entry in links[owner.label] ?? [] { if let one = RuleDifference(entry, snapshot[entry.place], owner) { differences.append(one) } }
      for gate in concerns.flatMap({ $0.gates(owner) }) where try !exists || !isIntact(gate) {
        let isThere = try exists && ruleset.chain(gate.chain) != nil
        differences.append(
          RuleDifference(owner, "chain \(gate.chain.name)", intended: "the rules of its conditions", actual: isThere ? "others" : "missing")
        )
      }
      for case .spoofCheck(let check) in concerns where try !spoofCheckFaults(check, owner, entrance).isEmpty {
        differences.append(
          RuleDifference(owner, "spoof check of \(check.port)", intended: "\(check.address) alone", actual: "missing or other"))
      }
    }
    let strays = try exists ? strays(wanted, &snapshot) : []
    if !strays.isEmpty {
      // What a configuration says is not all: ports may have been published since, and only records say so.
      let recorded = try Set(records.all().map(\.owner))
      differences += strays.filter { recorded.contains($0.owner) }.map { RuleDifference(superfluous: $0.entry, $0.owner) }
    }
    return differences
  }

  /// The attachment's elements, and what it shares with others.
  private mutating func elementDifferences(_ concerns: [Concern], _ owner: Owner, _ snapshot: inout Snapshot) throws -> [RuleDifference] {
    var differences: [RuleDifference] = []
    let wanted = concerns.flatMap { $0.entries(owner) }.filter { entry in
      // A port that another attachment of the same container holds is as it should be.
      let holder = snapshot[entry.place].flatMap { Publication.holder(of: entry, $0) }
      return !(holder.map { $0 != owner && $0.isSameContainer(as: owner) } ?? false)
    }
    for entry in wanted { if let one = RuleDifference(entry, snapshot[entry.place], owner) { differences.append(one) } }
    for port in Set(wanted.compactMap { SingleAddressPort($0) }) {
      let holders = try holders(port, &snapshot)
      if !holders.contains(owner.label), let one = RuleDifference(port.entry(holders.count, owner.label), nil, owner) {
        differences.append(one)
      }
    }
    for case .isolation(let isolation) in concerns {
      for (entry, policies) in HostRules.sharedEntries(isolation.bridge) where policies.contains(isolation.policy) {
        if let one = RuleDifference(entry, snapshot[entry.place], owner) { differences.append(one) }
      }
    }
    return differences
  }

  /// The elements of all links, by their owners' labels.
  private func links(_ wanted: [Owner: [Concern]]) throws -> [String: [Entry]] {
    let records = wanted.flatMap { owner, concerns in
      concerns.filter { $0.kind == .links }.map { Record(owner, $0, namespace: self.records.namespace) }
    }
    return Dictionary(grouping: HostRules.linkEntries(records)) { $0.element.comment ?? "" }
  }

  private mutating func chainDifferences(_ more: [Schema.FilledChain]) throws -> [RuleDifference] {
    let found = try ruleset.chains(Schema.table)
    var differences: [RuleDifference] = []
    for one in Schema.chains + more {
      if let chain = found.first(where: { $0.name == one.chain.name }) {
        if try !isIntact(chain) {
          differences.append(
            RuleDifference(nil, "chain \(chain.name) of table \(Schema.table)", intended: "the rules of swift-cni", actual: "others"))
        }
      } else {
        differences.append(RuleDifference(nil, "chain \(one.chain.name) of table \(Schema.table)"))
      }
    }
    return differences
  }
}

extension HostRules {
  /// The files with what is recorded of an attachment.
  public func recordPaths(of owner: Owner) -> [String] { Concern.Kind.allCases.map { records.path(owner, $0) } }
}
