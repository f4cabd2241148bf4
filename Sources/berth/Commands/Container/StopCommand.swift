internal import ArgumentParser
internal import Engine

/// `berth stop`
struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop one or more running containers")

  @Option(
    name: [.short, .customLong("time"), .customLong("timeout")], parsing: .unconditional,
    help: "Seconds to wait before killing the container; -1 for ever")
  var time: Int?
  @Option(name: [.short, .long], help: "Signal to send to the container") var signal: String?
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store(), signal = try signal.map { try Signal($0) }
    try ContainerLoop.run(containers, in: store) { record in
      try ContainerControl(record, in: store).stop(signal: signal, seconds: time ?? record.options.stopTimeout ?? 10)
    }
  }
}
