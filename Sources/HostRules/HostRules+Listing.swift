import NFTables

extension HostRules {
  /// Everything that is in the sets and maps of the table; nothing if there is no table.
  public mutating func holdings() throws -> [Holding] {
    var holdings: [Holding] = []
    for set in SetID.allCases.map(\.definition) {
      for element in try ruleset.elements(set) {
        let key = element.key.text(set.key) + (element.last.map { " - " + $0.text(set.key) } ?? "")
        var value: String?
        if case .fields(let fields)? = element.value, case .fields(let types) = set.target { value = fields.text(types) }
        if case .verdict(let verdict)? = element.value { value = verdict.description }
        holdings.append(
          Holding(
            owner: element.comment.flatMap { Owner(label: $0) }, set: set.name, key: key, value: value,
            connections: element.counter?.packets))
      }
    }
    return holdings
  }

  /// What is recorded of an attachment, in the order of the kinds.
  public func concerns(of owner: Owner) throws -> [Concern] {
    try Concern.Kind.allCases.compactMap { kind in
      let record = try records.read(owner, kind)
      return record?.namespace == records.namespace ? record?.concern : nil
    }
  }
}
