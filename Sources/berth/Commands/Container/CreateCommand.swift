internal import ArgumentParser
internal import Engine

/// `berth create`
struct CreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Create a new container", usage: "berth create [OPTIONS] IMAGE|--rootfs DIR [COMMAND] [ARG...]")

  @OptionGroup var container: ContainerOptions

  func run() throws {
    let store = try Invocation.store()
    var options = try container.options()
    options.isAttached = true
    do { Output.line(try container.create(options, in: store).id) } catch let error as EngineError where error.exitCode == 1 {
      throw EngineError(error.description, exitCode: 125)
    }
  }
}
