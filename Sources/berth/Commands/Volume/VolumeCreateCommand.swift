internal import ArgumentParser
internal import Engine

/// `berth volume create`
struct VolumeCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a volume")

  @Option(name: [.short, .long], help: "Driver of the volume; there is but one") var driver = "local"
  @Option(name: .customLong("label"), help: "Metadata of the volume") var labels: [String] = []
  @Argument(help: "The volume's name") var name: String?

  func run() throws {
    guard driver == "local" else {
      throw EngineError("create \(name ?? ""): error looking up volume plugin \(driver): only \"local\" is there")
    }
    do { Output.line(try VolumeStore(Invocation.store().places).create(name, labels: labels).name) } catch let error as EngineError {
      // The same words end `run -v` with 125.
      throw EngineError(error.description)
    }
  }
}
