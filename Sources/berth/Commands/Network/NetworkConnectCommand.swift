internal import ArgumentParser
internal import Engine

/// `berth network connect`
struct NetworkConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "connect", abstract: "Connect a container to a network")

  @Option(name: .customLong("alias"), help: "Add network-scoped alias for the container") var aliases: [String] = []
  @Option(help: "IPv4 address") var ip: String?
  @Option(name: .customLong("ip6"), help: "IPv6 address") var ip6: String?
  @Option(help: "ingress-rate=…, ingress-burst=…, egress-rate=… or egress-burst=… in bits, for a plugin that limits bandwidth")
  var driverOpt: [String] = []
  @Argument(help: "The network's name or ID") var network: String
  @Argument(help: "The container's name or ID") var container: String

  func run() throws {
    let containers = try Invocation.store(), id = try containers.find(container).id
    try ContainerNetworking.connect(
      id, to: network, aliases: aliases, addresses: [ip, ip6].compactMap { $0 }, driverOptions: driverOpt, in: containers)
  }
}
