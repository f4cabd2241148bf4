internal import ArgumentParser
internal import Engine
internal import Images

/// `berth commit`
struct CommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Create a new image from a container's changes",
    usage: "berth commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]")

  @Option(name: [.short, .long], help: "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")") var author = ""
  @Option(name: [.customShort("c", allowingJoined: true), .long], help: "Apply Dockerfile instruction to the created image") var change:
    [String] = []
  @Option(name: [.short, .long], help: "Commit message") var message = ""
  @Option(name: [.short, .long], help: "Pause container during commit") var pause = true
  @Argument(help: "A name or an ID") var container: String
  @Argument(help: "The image's name") var name: String?

  func run() throws {
    let images = try LocalImages.open(), record = try images.containers.find(container)
    let files = ContainerFiles(record: record, places: images.containers.places)
    var commit = ContainerCommit(
      image: record.rootFolder == nil ? record.imageID : nil, upper: try files.upper(), configuration: ImageConfiguration(of: record))
    commit.mountPoints = ContainerFiles.ownPaths
    commit.changes = change
    commit.name = try name.map { try ImageReference($0) }
    commit.author = author
    commit.message = message
    let id = try paused(record, images.containers) { try images.store.commit(commit) }
    Output.line(id)
    EventLog(images.containers.places).append(
      Event("commit", record, [("imageID", id), ("imageRef", commit.name?.tagged.description ?? "")]))
    if let name = commit.name?.tagged { images.log("tag", id, name: name.description) }
  }

  /// Freezes a container that runs while its files are read, if it can be frozen.
  private func paused<Result>(_ record: ContainerRecord, _ store: ContainerStore, _ body: () throws -> Result) throws -> Result {
    guard pause, record.status.state == .running, record.status.process.isRunning, !record.status.cgroup.isEmpty else { return try body() }
    try ContainerControl(record, in: store).pause()
    let result = Swift.Result { try body() }
    try ContainerControl(store.find(record.id), in: store).unpause()
    return try result.get()
  }
}
