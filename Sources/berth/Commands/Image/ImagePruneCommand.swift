internal import ArgumentParser
internal import Engine
internal import Images

/// `berth image prune`
struct ImagePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove unused images")

  @Flag(name: [.short, .long], help: "Remove all unused images, not just dangling ones") var all = false
  @Flag(name: [.short, .long], help: "Do not prompt for confirmation") var force = false
  @Option(help: "Provide filter values: until=TIME, label=NAME[=VALUE]") var filter: [String] = []

  func run() throws {
    let what = all ? "all images without at least one container associated to them" : "all dangling images"
    guard force || Confirmation.ask("WARNING! This will remove \(what).") else { return }
    Output.line("Total reclaimed space: \(ByteCount.decimal(try ImagePrune(filter, LocalImages.open()).run(all: all)))")
  }
}
