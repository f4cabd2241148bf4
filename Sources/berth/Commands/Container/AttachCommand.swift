internal import ArgumentParser
internal import Engine
internal import Glibc

/// `berth attach`
struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Attach local standard input, output, and error streams to a running container")

  @Flag(help: "Do not attach STDIN") var noStdin = false
  @Option(help: "Proxy all received signals to the process") var sigProxy = true
  @Option(help: "Override the key sequence for detaching a container") var detachKeys = ""
  @Argument(help: "Name or ID") var container: String

  func run() throws {
    let store = try Invocation.store(), record = try store.find(container)
    let stopped = EngineError("You cannot attach to a stopped container, start it first")
    guard ContainerControl(record, in: store).isAlive else { throw stopped }
    if record.status.state == .paused { throw EngineError("You cannot attach to a paused container, unpause it first") }
    let givesInput = !noStdin && record.options.isInteractive
    if givesInput, record.options.usesTerminal, !LocalTerminal.isTerminal(STDIN_FILENO) {
      throw EngineError("the input device is not a TTY")
    }
    guard let connection = try Connection(to: record.id, in: store.places) else { throw stopped }
    connection.send(.hello(givesInput ? [.output, .input] : .output))
    if record.options.usesTerminal, let size = LocalTerminal.size {
      // A changed size has the program paint its screen again.
      connection.send(.size(rows: size.rows, columns: size.columns + 1))
      connection.send(.size(rows: size.rows, columns: size.columns))
    }
    var session = AttachedSession(
      connection, record: record, store: store, givesInput: givesInput, proxiesSignals: sigProxy, keys: try DetachKeys(detachKeys))
    let outcome = try session.run()
    if case .detached = outcome { Output.message("read escape sequence") }
    let code = try Starter.code(of: outcome, record, store)
    if code != 0 { throw ExitCode(code) }
  }
}
