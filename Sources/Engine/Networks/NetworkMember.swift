internal import JSON
internal import Linux

/// A container as the others on its network see it: the file `RUN/networks/<network>/<ID>:<interface>`, which a reboot takes away.
public struct NetworkMember: JSONRecord, Equatable {
  /// The container's ID.
  public var id = ""
  /// The container's name.
  public var name = ""
  /// The container's host name.
  public var hostName = ""
  /// The interface in the container.
  public var interface = ""
  /// Addresses with prefix lengths.
  public var addresses: [String] = []
  /// Its MAC address.
  public var hardwareAddress = ""
  /// More names on this network.
  public var aliases: [String] = []

  /// Nobody.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("id", &id)
    try fields.field("name", &name)
    try fields.field("hostname", &hostName)
    try fields.field("interface", &interface)
    try fields.field("addresses", &addresses)
    try fields.field("mac", &hardwareAddress)
    try fields.field("aliases", &aliases)
  }

  /// All members of a network, by name. Files that cannot be read are passed over: somebody was killed while writing them.
  public static func all(of network: String, _ places: Places) throws -> [NetworkMember] {
    let folder = folder(of: network, places), names: [String]
    do { names = try FileSystem.names(in: folder) } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
    return try names.filter { !$0.hasPrefix(".") }.compactMap { name -> NetworkMember? in
      guard let content = try FileSystem.readIfPresent("\(folder)/\(name)"), let json = try? JSONValue(parsing: content) else { return nil }
      return try? NetworkMember(json: json)
    }.sorted { ($0.name, $0.interface) < ($1.name, $1.interface) }
  }

  /// A container's entry on a network; nil if it is not attached there.
  static func find(_ id: String, on network: String, _ places: Places) throws -> NetworkMember? {
    let folder = folder(of: network, places)
    // eth0 nearly always; a container has few interfaces.
    for interface in ["eth0", "eth1", "eth2"] {
      guard let content = try FileSystem.readIfPresent("\(folder)/\(id):\(interface)") else { continue }
      if let json = try? JSONValue(parsing: content), let member = try? NetworkMember(json: json) { return member }
    }
    return try all(of: network, places).first { $0.id == id }
  }

  /// Serializes what changes hosts files.
  static func lock(_ places: Places) throws -> FileLock {
    try FileSystem.createFolders(places.run)
    return try FileLock("\(places.run)/hosts.lock")
  }

  /// What marks the lines about this container in others' hosts files.
  func mark(on network: String) -> String { "\(network) \(id.prefix(12))" }

  /// The lines about this container in others' hosts files.
  var hostsLines: [String] { HostsFile.lines(addresses, [name] + aliases + [String(id.prefix(12))]) }

  /// Enters a network's members, or replaces the entry.
  func enter(_ network: String, _ places: Places) throws {
    let folder = NetworkMember.folder(of: network, places)
    try FileSystem.createFolders(folder)
    try FileSystem.replace("\(folder)/\(id):\(interface)", content: Array(json.text.utf8))
  }

  /// Leaves a network's members; says whether it was one.
  @discardableResult
  static func leave(_ network: String, id: String, interface: String, _ places: Places) throws -> Bool {
    let folder = folder(of: network, places)
    let wasThere = try FileSystem.remove("\(folder)/\(id):\(interface)")
    if wasThere { try FileSystem.removeFolder(folder) }
    return wasThere
  }

  private static func folder(of network: String, _ places: Places) -> String { "\(places.run)/networks/\(network)" }
}
