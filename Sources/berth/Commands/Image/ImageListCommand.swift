internal import ArgumentParser
internal import Engine
internal import Images

/// `berth image ls`
struct ImageListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List images", aliases: ["list"])

  @Flag(name: [.short, .long], help: "Show all images; berth keeps no intermediate ones") var all = false
  @Flag(help: "Show digests") var digests = false
  @Flag(help: "Don't truncate output") var noTrunc = false
  @Flag(name: [.short, .long], help: "Only show image IDs") var quiet = false
  @Option(name: [.short, .long], help: "Filter output: dangling=true|false, label=, reference=PATTERN, before=IMAGE, since=IMAGE")
  var filter: [String] = []
  @Option(help: "Format output: table, json, or a template") var format: String?
  @Argument(help: "Only images of this repository, or with this name") var name: String?

  func run() throws {
    let images = try LocalImages.open()
    let summary = ImageSummary(store: images.store, users: try images.userCounts(), truncates: !noTrunc)
    let filter = try ImageFilter(filter, name: name, images.store)
    let rows = try images.store.images().filter(filter.fits).flatMap { try summary.rows($0, names: filter.names(of: $0)) }
    var columns = [("REPOSITORY", "Repository"), ("TAG", "Tag")]
    if digests { columns.append(("DIGEST", "Digest")) }
    columns += [("IMAGE ID", "ID"), ("CREATED", "CreatedSince"), ("SIZE", "Size")]
    try Listing(columns: columns.map { (heading: $0.0, field: $0.1) }, rows: rows).print(quiet: quiet ? "ID" : nil, format: format)
  }
}
