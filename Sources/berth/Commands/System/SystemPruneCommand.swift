internal import ArgumentParser
internal import Engine

/// `berth system prune`
struct SystemPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove unused data")

  @Flag(name: [.short, .long], help: "Remove all unused images not just dangling ones") var all = false
  @Flag(name: [.short, .long], help: "Do not prompt for confirmation") var force = false
  @Flag(help: "Prune anonymous volumes") var volumes = false
  @Option(help: "Provide filter values: until=TIME, label=NAME[=VALUE]") var filter: [String] = []

  func run() throws {
    let warning = """
      WARNING! This will remove:
        - all stopped containers
        - all networks not used by at least one container\(volumes ? "\n  - all anonymous volumes not used by at least one container" : "")
        - all \(all ? "images without at least one container associated to them" : "dangling images")
      """
    guard force || Confirmation.ask(warning) else { return }
    let store = try Invocation.store()
    var bytes = try ContainerPrune(filter, store).run()
    try NetworkPruneCommand.parse(["--force"]).run()
    if volumes { bytes += try VolumePruneCommand.prune(namedToo: false, store) }
    bytes += try ImagePrune(filter, LocalImages(store: LocalImages.store(store.places), containers: store)).run(all: all)
    Output.line("Total reclaimed space: \(ByteCount.decimal(bytes))")
  }
}
