internal import ArgumentParser
internal import Engine
internal import Glibc

/// `berth start`
struct StartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "start", abstract: "Start one or more stopped containers")

  @Flag(name: [.short, .long], help: "Attach STDOUT/STDERR and forward signals") var attach = false
  @Flag(name: [.short, .long], help: "Attach container's STDIN") var interactive = false
  @Option(help: "Override the key sequence for detaching a container") var detachKeys = ""
  @Option(help: "Proxy received signals to the process") var sigProxy = true
  @Flag(help: "Start what a reboot has ended and a restart policy wants to run: always, and unless-stopped that nobody had stopped")
  var afterBoot = false
  @Argument(help: "Names or IDs") var containers: [String] = []

  mutating func run() throws {
    let store = try Invocation.store(), starter = Starter(store: store)
    if afterBoot {
      guard containers.isEmpty, !attach, !interactive else { throw EngineError("--after-boot takes no containers and attaches to none") }
      // In the order they were made, so that links find what they lead to.
      containers = try store.records().reversed().filter { $0.isWantedAfterBoot }.map(\.name)
      if containers.isEmpty { return }
    }
    guard attach || interactive else {
      return try ContainerLoop.run(containers, in: store) { record in
        if !ContainerControl(record, in: store).isAlive { try starter.start(record) }
      }
    }
    guard containers.count == 1 else { throw EngineError("you cannot start and attach multiple containers at once") }
    let record = try store.find(containers[0])
    let givesInput = interactive && record.options.isInteractive
    let code = try starter.startAttached(record, givesInput: givesInput, proxiesSignals: sigProxy, keys: DetachKeys(detachKeys))
    if code != 0 { throw ExitCode(code) }
  }
}
