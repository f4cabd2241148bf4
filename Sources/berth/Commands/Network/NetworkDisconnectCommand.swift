internal import ArgumentParser
internal import Engine

/// `berth network disconnect`
struct NetworkDisconnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "disconnect", abstract: "Disconnect a container from a network")

  @Flag(name: [.short, .long], help: "Disconnect whatever state the container is in") var force = false
  @Argument(help: "The network's name or ID") var network: String
  @Argument(help: "The container's name or ID") var container: String

  func run() throws {
    let containers = try Invocation.store(), id = try containers.find(container).id
    try ContainerNetworking.disconnect(id, from: network, in: containers)
  }
}
