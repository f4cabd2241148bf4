internal import ArgumentParser
internal import Engine
internal import Glibc

/// `berth run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Create and run a new container from an image",
    usage: "berth run [OPTIONS] IMAGE|--rootfs DIR [COMMAND] [ARG...]")

  @Flag(name: [.short, .long], help: "Run container in background and print container ID") var detach = false
  @Option(help: "Proxy received signals to the process") var sigProxy = true
  @Option(help: "Override the key sequence for detaching a container") var detachKeys = ""
  @OptionGroup var container: ContainerOptions

  func run() throws {
    let store = try Invocation.store()
    var options = try container.options()
    options.isAttached = !detach
    let keys = try DetachKeys(detachKeys)
    if !detach, options.usesTerminal, options.isInteractive, !LocalTerminal.isTerminal(STDIN_FILENO) {
      throw EngineError("the input device is not a TTY")
    }
    let record = try container.create(options, in: store)
    if detach {
      try Starter(store: store).start(record)
      Output.line(record.id)
    } else {
      let code = try Starter(store: store).startAttached(record, givesInput: options.isInteractive, proxiesSignals: sigProxy, keys: keys)
      if code != 0 { throw ExitCode(code) }
    }
  }
}
