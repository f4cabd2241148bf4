internal import ArgumentParser
internal import Engine
internal import Images

/// The options that `run` and `create` share.
struct ContainerOptions: ParsableArguments {
  @OptionGroup(title: "Process") var process: ProcessOptions
  @OptionGroup(title: "Network") var network: NetworkOptionGroup
  @OptionGroup(title: "Files") var files: FileOptions
  @OptionGroup(title: "Limits and rights") var limits: LimitOptions

  @Option(help: "Assign a name to the container") var name: String?
  @Option(help: "Write the container ID to the file") var cidfile: String?
  @Option(help: "Pull image before running: always, missing or never; berth has no registry, so only missing and never work") var pull =
    "missing"
  @Option(help: "Set platform if server is multi-platform capable") var platform: String?
  @Option(help: "Use a folder as the root file system instead of an image") var rootfs: String?
  @Argument(parsing: .captureForPassthrough, help: "IMAGE [COMMAND] [ARG...]; only the command with --rootfs") var words: [String] = []

  /// What was asked for, as the engine keeps it.
  func options() throws -> RunOptions {
    var options = RunOptions()
    try process.apply(to: &options)
    network.apply(to: &options)
    try files.apply(to: &options)
    try limits.apply(to: &options)
    options.command = rootfs == nil ? Array(words.dropFirst()) : words
    return options
  }

  /// Makes the container.
  func create(_ options: RunOptions, in store: ContainerStore) throws -> ContainerRecord {
    try refuse()
    let creation = ContainerCreation(store)
    let record: ContainerRecord
    if let rootfs {
      record = try creation.create(options, name: name, root: .folder(RootFolder.absolute(rootfs)))
    } else {
      record = try LocalImages.store(store.places).holding { try creation.create(options, name: name, root: image(store.places)) }
      try fillVolumes(of: record, in: store)
    }
    if let cidfile { try CIDFile.write(record.id, to: cidfile) }
    return record
  }

  /// What is asked for but cannot be.
  private func refuse() throws {
    guard ["missing", "never"].contains(pull) else {
      throw EngineError("--pull \(pull): berth gets images from archives only: expected missing or never", exitCode: 125)
    }
    if let platform, !platform.hasPrefix("linux") {
      throw EngineError("--platform \(platform): berth runs Linux containers of this machine's architecture only", exitCode: 125)
    }
    if let cidfile { try CIDFile.check(cidfile) }
  }

  private func fillVolumes(of record: ContainerRecord, in store: ContainerStore) throws {
    do { try VolumeContent.fill(record, store.places) } catch {
      try ContainerControl(record, in: store).remove(byForce: true, withVolumes: true)
      throw EngineError("copy what the image has into a new volume: \(error)", exitCode: 125)
    }
  }

  private func image(_ places: Places) throws -> ContainerCreation.Root {
    guard let word = words.first else {
      throw EngineError("\"berth run\" requires at least 1 argument.\nSee 'berth run --help'.", exitCode: 125)
    }
    if word.hasPrefix("-") { throw EngineError("unknown flag: \(word)\nSee 'berth run --help'.", exitCode: 125) }
    return try ImageRoot.find(word, places)
  }
}
