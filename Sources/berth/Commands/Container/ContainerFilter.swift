internal import Engine

/// What `--filter` of `ps` and the prunes asks for: `name=web`, `status=running`…
struct ContainerFilter {
  private let conditions: [(key: String, value: String)]
  private let store: ContainerStore

  private static let keys = [
    "id", "name", "label", "exited", "status", "ancestor", "before", "since", "volume", "network", "publish", "expose", "health",
  ]

  init(_ texts: [String], _ store: ContainerStore) throws {
    self.store = store
    conditions = try texts.map { text in
      guard let sign = text.firstIndex(of: "=") else {
        throw EngineError(
          "invalid argument \"\(text)\" for \"-f, --filter\" flag: bad format of filter (expected name=value)", exitCode: 125)
      }
      let key = String(text[..<sign]), value = String(text[text.index(after: sign)...])
      guard ContainerFilter.keys.contains(key) else { throw EngineError("invalid filter '\(key)'") }
      if key == "status", ContainerStatus.State(rawValue: value) == nil {
        throw EngineError(
          "invalid filter 'status=\(value)': expected one of \(ContainerStatus.State.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      if key == "exited", Int32(value) == nil { throw EngineError("invalid filter 'exited=\(value)': expected a number") }
      return (key, value)
    }
  }

  /// Whether containers that do not run are asked for, as by `status=` and `exited=`.
  var concernsStopped: Bool { conditions.contains { $0.key == "status" || $0.key == "exited" } }

  /// The records that fit: one value of each key at least, but all labels. The records are in order, the newest first.
  func apply(_ records: [ContainerRecord]) throws -> [ContainerRecord] {
    var result = records
    for (key, group) in Dictionary(grouping: conditions, by: \.key) {
      let values = group.map(\.value)
      switch key {
      case "label": result = result.filter { record in values.allSatisfy { ContainerFilter.has(record.labels, $0) } }
      case "before":
        let moments = try values.map { try store.find($0).created }
        result = result.filter { record in moments.contains { record.created < $0 } }
      case "since":
        let moments = try values.map { try store.find($0).created }
        result = result.filter { record in moments.contains { record.created > $0 } }
      default: result = result.filter { record in values.contains { ContainerFilter.fits(record, key, $0) } }
      }
    }
    return result
  }

  private static func fits(_ record: ContainerRecord, _ key: String, _ value: String) -> Bool {
    switch key {
    case "id": return record.id.hasPrefix(value)
    case "name": return matches(record.name, value)
    case "status": return record.status.state.rawValue == value
    case "exited": return record.status.started != nil && record.status.state == .exited && "\(record.status.exitCode)" == value
    case "ancestor":
      let digest = record.imageID.dropFirst(7)
      return record.image == value || record.image == "\(value):latest" || "\(record.image):latest" == value || record.imageID == value
        || value.count >= 4 && digest.hasPrefix(value)
    case "volume": return record.mounts.contains { $0.name == value || $0.source == value || $0.destination == value }
    case "network":
      return ContainerSummary(record: record).networks.contains {
        $0 == value || value == NetworkStore.defaultName && $0 == NetworkStore.defaultListName
      }
    case "publish": return record.ports.contains { "\($0.containerPort)/\($0.transport)" == value || "\($0.containerPort)" == value }
    case "expose": return record.exposedPorts.contains { $0 == value || $0 == "\(value)/tcp" }
    case "health": return (record.status.health?.status.rawValue ?? "none") == value
    default: return false
    }
  }

  /// `NAME`, or `NAME=value`.
  static func has(_ labels: [String], _ wish: String) -> Bool {
    labels.contains { $0 == wish || !wish.contains("=") && $0.hasPrefix("\(wish)=") }
  }

  /// A part of the name; `^` and `$` bind it to the beginning and the end, and a slash may stand before it as in docker.
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    var text = pattern[...]
    let begins = text.hasPrefix("^"), ends = text.hasSuffix("$")
    if begins { text = text.dropFirst() }
    if ends { text = text.dropLast() }
    if text.hasPrefix("/") { text = text.dropFirst() }
    switch (begins, ends) {
    case (true, true): return name == text
    case (true, false): return name.hasPrefix(text)
    case (false, true): return name.hasSuffix(text)
    case (false, false): return text.isEmpty || name.contains(text)
    }
  }
}
