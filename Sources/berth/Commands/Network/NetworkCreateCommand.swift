internal import Addresses
internal import ArgumentParser
internal import Engine

/// `berth network create`
struct NetworkCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a network")

  @Option(name: [.short, .long], help: "Driver of the network: bridge, macvlan or overlay") var driver = "bridge"
  @Option(help: "Subnet in CIDR format, at most one of each family") var subnet: [String] = []
  @Option(help: "Gateway of a subnet") var gateway: [String] = []
  @Option(help: "Allocate container addresses from a part of a subnet") var ipRange: [String] = []
  @Flag(name: .customLong("ipv6"), help: "Give containers IPv6 addresses too") var hasIPv6 = false
  @Flag(name: .customLong("internal"), help: "Restrict external access to the network") var isInternal = false
  @Option(name: [.customShort("o"), .customLong("opt")], help: "Driver option: mtu=…, icc=false, bridge=…, parent=…") var options:
    [String] = []
  @Option(name: .customLong("label"), help: "Metadata of the network") var labels: [String] = []
  @Flag(name: .customLong("attachable"), help: .hidden) var isAttachable = false
  @Argument(help: "The network's name") var network: String

  func run() throws {
    var wanted = NetworkOptions(name: network)
    guard let driver = Network.Driver(rawValue: driver) else {
      let names = Network.Driver.allCases.map(\.rawValue)
      throw EngineError("network driver \"\(driver)\" not found: expected \(names.joined(separator: ", "))")
    }
    wanted.driver = driver
    wanted.subnets = try subnet.map { try cidr("--subnet", $0) }
    wanted.ranges = try ipRange.map { try cidr("--ip-range", $0) }
    wanted.gateways = try gateway.map { text in
      guard let address = IPAddress(text) else { throw EngineError("invalid argument \"\(text)\" for --gateway: expected an IP address") }
      return address
    }
    wanted.hasIPv6 = hasIPv6
    wanted.isInternal = isInternal
    wanted.options = options
    wanted.labels = labels
    Output.line(try NetworkStore(Invocation.store().places).create(wanted).id)
  }

  private func cidr(_ option: String, _ text: String) throws -> Subnet {
    guard let subnet = Subnet(text) else {
      throw EngineError("invalid argument \"\(text)\" for \(option): expected an address and a prefix length, as 10.1.0.0/16")
    }
    return subnet
  }
}
