internal import ArgumentParser
internal import Engine
internal import Linux

/// `berth container prune`
struct ContainerPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove all stopped containers")

  @Flag(name: [.short, .long], help: "Do not prompt for confirmation") var force = false
  @Option(help: "Provide filter values: until=TIME, label=NAME[=VALUE]") var filter: [String] = []

  func run() throws {
    guard force || Confirmation.ask("WARNING! This will remove all stopped containers.") else { return }
    let store = try Invocation.store()
    Output.line("Total reclaimed space: \(ByteCount.decimal(try ContainerPrune(filter, store).run()))")
  }
}

/// Removes containers that do not run.
struct ContainerPrune {
  private let store: ContainerStore
  private let filter: PruneFilter

  init(_ filters: [String], _ store: ContainerStore) throws {
    self.store = store
    filter = try PruneFilter(filters)
  }

  /// Removes them, tells which, and answers how many bytes that freed.
  func run() throws -> UInt64 {
    var bytes: UInt64 = 0, removed: [String] = []
    for record in try store.records() where [.created, .exited, .dead].contains(record.status.state) {
      guard filter.fits(labels: record.labels, created: record.created) else { continue }
      // One that is being started has a supervisor already.
      if ContainerControl(record, in: store).isAlive { continue }
      let size = try FileSystem.sizeOfTree(store.places.container(record.id))
      try ContainerControl(record, in: store).remove(byForce: false, withVolumes: false)
      bytes += UInt64(size)
      removed.append(record.id)
    }
    if !removed.isEmpty { Output.line("Deleted Containers:\n\(removed.joined(separator: "\n"))\n") }
    return bytes
  }
}
