internal import Addresses
internal import CNI
internal import JSON
internal import Linux
internal import Overlay
internal import OverlayControl
internal import OverlayDataPlane
internal import Wording

/// What one daemon is told: command line and configuration file, checked.
struct DaemonSettings {
  let network: String
  let store: String
  let underlay: UnderlayChoice
  let listen: String?
  let lifetime: LeaseLifetime
  let contactLimit: Int64
  let stateFolder: String
  let dataFolder: String
  /// The members of the file that only some stores know.
  let fields: ConfigurationObject

  /// The members that a configuration file may have.
  private static let names = [
    "network", "store", "interface", "publicAddress", "publicIPv6Address", "listen", "leaseSeconds", "quarantineSeconds", "contactLimit",
    "stateFolder", "dataFolder", "etcd",
  ]

  init(_ command: OverlaydCommand) throws {
    fields = try DaemonSettings.file(command.config)
    guard let network = try command.network ?? fields.string("network") else { throw Fault("network: expected a name, but it is missing") }
    guard Identifier.isValid(network) else {
      throw Fault("network: expected letters, digits, '_', '.' and '-', a letter or digit first, got \"\(network)\"")
    }
    self.network = network
    guard let store = try command.store ?? fields.string("store") else {
      throw Fault("store: expected directory:/path, static:/file or etcd:https://host:2379, but it is missing")
    }
    self.store = store
    var choice = UnderlayChoice()
    choice.interface = try command.interface ?? fields.string("interface")
    choice.address = try DaemonSettings.address(command.publicAddress, "publicAddress", fields, .v4)
    choice.ipv6Address = try DaemonSettings.address(command.publicIPv6Address, "publicIPv6Address", fields, .v6)
    underlay = choice
    listen = try command.listen ?? fields.string("listen")
    lifetime = LeaseLifetime(
      seconds: try DaemonSettings.seconds(command.leaseSeconds, "leaseSeconds", fields, 3...86400 * 365) ?? 3600,
      quarantineSeconds: try DaemonSettings.seconds(command.quarantineSeconds, "quarantineSeconds", fields, 0...86400 * 365) ?? 600)
    contactLimit = try DaemonSettings.seconds(command.contactLimit, "contactLimit", fields, 1...86400 * 365) ?? 600
    stateFolder = try command.stateFolder ?? fields.string("stateFolder") ?? StateFolder.defaultRoot
    dataFolder = try command.dataFolder ?? fields.string("dataFolder") ?? "/var/lib/overlayd"
  }

  private static func file(_ path: String?) throws -> ConfigurationObject {
    guard let path else { return ConfigurationObject(JSONObject()) }
    let fields: ConfigurationObject
    do { fields = try ConfigurationObject(parsing: FileSystem.read(path, limit: 1 << 20)) } catch { throw Fault("\(path): \(error)") }
    for member in fields.json.members where !names.contains(where: { $0.lowercased() == member.name.lowercased() }) {
      throw Fault("\(path): there is no option \(member.name)\(NearMatches.sentence(for: member.name, among: names))")
    }
    return fields
  }

  private static func address(
    _ option: String?, _ name: String, _ fields: ConfigurationObject, _ family: IPAddress.Family
  ) throws -> IPAddress? {
    guard let option else { return try fields.address(name, family) }
    guard let address = IPAddress(option), address.family == family else {
      throw Fault("\(name): expected an \(family == .v4 ? "IPv4" : "IPv6") address, got \"\(option)\"")
    }
    return address
  }

  private static func seconds(_ option: Int?, _ name: String, _ fields: ConfigurationObject, _ range: ClosedRange<Int>) throws -> Int64? {
    guard let option else { return try fields.integer(name, in: range).map { Int64($0) } }
    guard range.contains(option) else { throw Fault("\(name): expected \(range.lowerBound) to \(range.upperBound), got \(option)") }
    return Int64(option)
  }

  /// What is wrong with the settings: one sentence.
  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
