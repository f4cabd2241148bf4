internal import Engine
internal import Images

/// Removes images that no container uses.
struct ImagePrune {
  private let images: LocalImages
  private let filter: PruneFilter

  init(_ filters: [String], _ images: LocalImages) throws {
    self.images = images
    filter = try PruneFilter(filters)
  }

  /// Removes those without a name, or all, tells which, and answers how many bytes that freed.
  func run(all: Bool) throws -> UInt64 {
    let (changes, bytes) = try images.store.prune(
      all: all, where: { filter.fits(labels: $0.configuration.labels, created: $0.created) }, users: images.users)
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
}
