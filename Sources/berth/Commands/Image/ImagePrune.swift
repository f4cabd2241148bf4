internal import Engine
internal import Images

/// Removes images that no container uses.
struct ImagePrune {
  private let images: LocalImages
  private var until: Timestamp?
  private var labels: [String] = []

  init(_ filters: [String], _ images: LocalImages) throws {
    self.images = images
    for filter in filters {
      let parts = filter.split(separator: "=", maxSplits: 1).map { String($0) }
      switch parts.count == 2 ? parts[0] : "" {
      case "until": until = try Moment.parse(parts[1], "--filter until")
      case "label": labels.append(parts[1])
      default: throw EngineError("invalid filter '\(filter)': expected until=TIME or label=NAME[=VALUE]", exitCode: 125)
      }
    }
  }

  /// Removes those without a name, or all, tells which, and answers how many bytes that freed.
  func run(all: Bool) throws -> UInt64 {
    let (changes, bytes) = try images.store.prune(all: all, where: fits, users: images.users)
    if !changes.isEmpty {
      let lines = changes.map { change in
        switch change {
        case .untagged(let name): "untagged: \(name)"
        case .deleted(let id): "deleted: \(id)"
        case .loaded, .loadedID: change.description
        }
      }
      Output.line("Deleted Images:\n\(lines.joined(separator: "\n"))\n")
    }
    return UInt64(bytes)
  }

  private func fits(_ image: Image) -> Bool {
    guard labels.allSatisfy({ ContainerFilter.has(image.configuration.labels, $0) }) else { return false }
    return until.map { until in Timestamp(image.created).map { $0 < until } ?? true } ?? true
  }
}
