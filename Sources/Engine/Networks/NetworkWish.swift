internal import Addresses
internal import CNI

/// What `--network` and `network connect` ask for in one network: `NAME`, or docker's long form `name=NAME,alias=…,ip=…,ip6=…,mac-address=…,driver-opt=…`.
struct NetworkWish {
  /// The network's name or ID.
  var name: String
  /// More names of the container there.
  var aliases: [String] = []
  /// `ip` and `ip6`.
  var addresses: [String] = []
  /// `mac-address`
  var hardwareAddress: String?
  /// `driver-opt`, each `NAME=value`: rates for a bandwidth plugin.
  var driverOptions: [String] = []

  /// A network without wishes.
  init(name: String) { self.name = name }

  /// Reads one value of `--network`. docker's `default` is the default network.
  init(_ text: String) throws(EngineError) {
    guard text.contains("=") else {
      self.init(name: text == "default" ? NetworkStore.defaultName : text)
      return
    }
    self.init(name: "")
    for field in text.split(separator: ",", omittingEmptySubsequences: false) {
      let key = field.prefix { $0 != "=" }, value = String(field.dropFirst(key.utf8.count + 1))
      guard !value.isEmpty else { throw NetworkWish.mistake(text, "invalid field \(field): expected KEY=VALUE") }
      switch key {
      case "name": name = value == "default" ? NetworkStore.defaultName : value
      case "alias": aliases.append(value)
      case "ip", "ip6": addresses.append(value)
      case "mac-address": hardwareAddress = value
      case "driver-opt": driverOptions.append(value)
      default: throw NetworkWish.mistake(text, "invalid field \(key): expected name, alias, ip, ip6, mac-address or driver-opt")
      }
    }
    if name.isEmpty { throw NetworkWish.mistake(text, "network name/id is not specified") }
  }

  private static func mistake(_ text: String, _ what: String) -> EngineError {
    EngineError("invalid argument \"\(text)\" for --network: \(what)", exitCode: 125)
  }

  /// What is asked for, checked against what the network has.
  func attachment(to network: Network, _ interface: String) throws -> AttachedNetwork {
    if !aliases.isEmpty && network.isDefault {
      throw EngineError("network-scoped alias is supported only for containers in user defined networks", exitCode: 125)
    }
    for text in addresses { try NetworkWish.check(address: text, network) }
    for alias in aliases where !NameSettings.isHostName(alias) { throw EngineError("invalid network alias: \"\(alias)\"", exitCode: 125) }
    if let hardwareAddress, MACAddress(hardwareAddress) == nil {
      throw EngineError("\(hardwareAddress) is not a valid mac address", exitCode: 125)
    }
    if try !Bandwidth(driverOptions).isEmpty, !network.list.plugins.contains(where: { $0.capabilities.contains("bandwidth") }) {
      throw EngineError("driver-opt \(driverOptions[0]): network \(network.name) has no plugin that limits bandwidth", exitCode: 125)
    }
    var attachment = AttachedNetwork()
    attachment.network = network.name
    attachment.interface = interface
    attachment.aliases = aliases
    attachment.requestedAddresses = addresses
    attachment.requestedHardwareAddress = hardwareAddress ?? ""
    attachment.driverOptions = driverOptions
    return attachment
  }

  private static func check(address text: String, _ network: Network) throws {
    guard let address = IPAddress(text) else { throw EngineError("invalid IP address: \(text)", exitCode: 125) }
    if network.pools.isEmpty { return }
    guard let pool = network.pools.first(where: { $0.subnet.contains(address) }) else {
      let subnets = network.pools.map { $0.subnet.description }.joined(separator: ", ")
      throw EngineError("no configured subnet of network \(network.name) contains the IP address \(text): \(subnets)", exitCode: 125)
    }
    guard pool.allows(address) else {
      throw EngineError(
        "network \(network.name) cannot give the IP address \(text): expected one of \(pool.range ?? pool.subnet.description)",
        exitCode: 125)
    }
  }
}
