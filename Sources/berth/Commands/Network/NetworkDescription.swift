internal import Addresses
internal import CNI
internal import Engine
internal import JSON

/// A network as `docker network inspect` describes one.
struct NetworkDescription {
  /// The description.
  let json: JSONObject

  /// Describes the network with a name or ID, be it one that has no list of plugins.
  init(named name: String, in store: NetworkStore) throws {
    if let driver = ["host": "host", "none": "null"][name] {
      self.init(NetworkDescription.object(name, Network.id(ofName: name), driver: driver, []))
    } else {
      try self.init(store.network(named: name), store.places)
    }
  }

  private init(_ json: JSONObject) { self.json = json }

  private init(_ network: Network, _ places: Places) throws {
    let configuration = network.pools.map { pool -> JSONValue in
      var entry = JSONObject([("Subnet", .string(pool.subnet.description))])
      entry["IPRange"] = pool.range.map { .string($0) }
      entry["Gateway"] = pool.gateway.map { .string($0.description) }
      return .object(entry)
    }
    var members = JSONObject()
    for member in try NetworkMember.all(of: network.name, places) { members[member.id] = NetworkDescription.member(member) }
    json = NetworkDescription.object(
      network.name, network.id, driver: network.driver,
      [
        ("Created", .string(network.created)), ("EnableIPv6", .bool(network.pools.contains { $0.subnet.family == .v6 })),
        ("IPAM", ["Driver": "default", "Options": [:], "Config": .array(configuration)]), ("Internal", .bool(network.isInternal)),
        ("Containers", .object(members)), ("Options", NetworkDescription.pairs(network.options)),
        ("Labels", NetworkDescription.pairs(network.labels)), ("ConfigFile", .string(network.path)),
        ("Plugins", .array(network.list.plugins.map { .string($0.type) })),
      ])
  }

  private static func object(_ name: String, _ id: String, driver: String, _ more: [(String, JSONValue)]) -> JSONObject {
    var object = JSONObject([
      ("Name", .string(name)), ("Id", .string(id)), ("Created", ""), ("Scope", "local"), ("Driver", .string(driver)),
      ("EnableIPv6", false), ("IPAM", ["Driver": "default", "Options": .null, "Config": []]), ("Internal", false), ("Attachable", false),
      ("Ingress", false), ("ConfigOnly", false), ("Containers", [:]), ("Options", [:]), ("Labels", [:]),
    ])
    for (name, value) in more { object[name] = value }
    return object
  }

  /// `NAME=value` pairs as an object.
  static func pairs(_ texts: [String]) -> JSONValue {
    .object(JSONObject(texts.map { text in (String(text.prefix { $0 != "=" }), .string(String(text.drop { $0 != "=" }.dropFirst()))) }))
  }

  private static func member(_ member: NetworkMember) -> JSONValue {
    [
      "Name": .string(member.name), "EndpointID": .string(Network.id(ofName: "\(member.id)/\(member.interface)")),
      "MacAddress": .string(member.hardwareAddress),
      "IPv4Address": .string(member.addresses.first { !$0.contains(":") } ?? ""),
      "IPv6Address": .string(member.addresses.first { $0.contains(":") } ?? ""),
    ]
  }
}
