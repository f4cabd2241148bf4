internal import ArgumentParser
internal import Engine

/// `berth port`
struct PortCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "port", abstract: "List port mappings or a specific mapping for the container")

  @Argument(help: "The container's name or ID") var container: String
  @Argument(help: "A port of the container: PORT[/tcp|udp|sctp]") var port: String?

  func run() throws {
    let containers = try Invocation.store(), record = try containers.find(container)
    let ports =
      record.networkNamespacePath == nil ? [] : record.ports.sorted { ($0.containerPort, $0.transport) < ($1.containerPort, $1.transport) }
    guard let port else {
      for published in ports { Output.line(published.hostTexts.map { "\(published.containerText) -> \($0)" }.joined(separator: "\n")) }
      return
    }
    guard let wanted = ContainerPort(port) else { throw EngineError("invalid port \"\(port)\": expected PORT[/tcp|udp|sctp]") }
    let found = ports.filter { $0.containerText == wanted.description }
    guard !found.isEmpty else { throw EngineError("no public port '\(wanted)' published for \(container)") }
    for published in found { Output.line(published.hostTexts.joined(separator: "\n")) }
  }
}
