public import NFTables

extension HostRules {
  /// Whether a change of somebody's may concern what containers have: in our table, or in the one of the checks of source addresses.
  public static func isConcerned(by event: RulesetEvent) -> Bool {
    switch event {
    case .added(_, let family, let name), .removed(_, let family, let name):
      [Schema.table, HostRules.table].contains { $0.name == name && $0.family.rawValue == family }
    case .committed: false
    }
  }
}
