internal import ArgumentParser
internal import Engine

/// `berth volume prune`
struct VolumePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove unused local volumes")

  @Flag(name: [.short, .long], help: "Remove all unused volumes, not just anonymous ones") var all = false
  @Flag(name: [.short, .long], help: "Do not prompt for confirmation") var force = false

  func run() throws {
    let what = all ? "all local volumes" : "anonymous local volumes"
    guard force || Confirmation.ask("WARNING! This will remove \(what) not used by at least one container.") else { return }
    let containers = try Invocation.store()
    Output.line("Total reclaimed space: \(ByteCount.decimal(try VolumePruneCommand.prune(namedToo: all, containers)))")
  }

  /// Removes unused volumes, tells which, and answers how many bytes that freed.
  static func prune(namedToo: Bool, _ containers: ContainerStore) throws -> UInt64 {
    let (removed, size) = try VolumeStore(containers.places).prune(namedToo: namedToo, containers)
    if !removed.isEmpty { Output.line("Deleted Volumes:\n\(removed.joined(separator: "\n"))\n") }
    return UInt64(size)
  }
}
