internal import Engine

/// What `--filter` of the prune commands lets through.
struct PruneFilter {
  private var until: Timestamp?
  private var labels: [String] = []

  /// Reads the values; throws for anything but `until=TIME` and `label=NAME[=VALUE]`.
  init(_ values: [String]) throws {
    for value in values {
      let parts = value.split(separator: "=", maxSplits: 1).map { String($0) }
      switch parts.count == 2 ? parts[0] : "" {
      case "until": until = try Moment.parse(parts[1], "--filter until")
      case "label": labels.append(parts[1])
      default: throw EngineError("invalid filter '\(value)': expected until=TIME or label=NAME[=VALUE]", exitCode: 125)
      }
    }
  }

  /// Whether something has all the labels and was made before the time; what does not say when was made before any.
  func fits(labels present: [String], created: String) -> Bool {
    guard labels.allSatisfy({ ContainerFilter.has(present, $0) }) else { return false }
    return until.map { until in Timestamp(created).map { $0 < until } ?? true } ?? true
  }
}
